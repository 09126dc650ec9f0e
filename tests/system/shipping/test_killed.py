"""A keeper that is killed, or whose disk refuses, at any of its steps: all arrives all the same.

With a topic every fourth step is taken; `SOAK=1` takes them all.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.doubles.nth import FAULT, FINISHED, KILLED
from tests.system.journal.conftest import SOAK
from tests.system.shipping.conftest import digests

from trimtab.journal.ship.standing import shipping_status


@pytest.fixture
def run(root):
    work = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)  # noqa: PTH112, S108 - one's own

    def go(text, code, *sizes, stride=1):
        program, folder = root / "tests/doubles/shipping_once.py", Path(work) / "journals"
        command = [sys.executable, str(program), str(folder), text, str(code), str(stride), *map(str, sizes)]
        given = {**os.environ, "PYTHONPATH": str(root)}
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250, env=given)
        assert ran.returncode == 0, ran.stderr
        told = json.loads(ran.stdout)
        assert told["steps"] > 15
        assert FAULT not in told["ends"], ran.stderr
        assert (KILLED in told["ends"]) is (code == 0)
        assert set(told["ends"]) <= {KILLED, FINISHED, 3}
        journals = [folder / name for name in told["journals"]]
        for journal in journals:
            (status,) = shipping_status(journal)
            assert (status.waiting, status.shipped, status.problem) == (0, len(sizes), None), journal
        return journals

    yield go
    shutil.rmtree(work)


def whole(journals):
    return {name: digest for journal in journals for name, digest in digests(journal).items()}


@pytest.mark.parametrize("code", [0, errno.ENOSPC, errno.EIO])
def test_files_in_a_folder(run, tmp_path, code):
    (tmp_path / "archive").mkdir()
    journals = run(f"file://{tmp_path}/archive", code, 10, 10)
    assert digests(tmp_path / "archive") == whole(journals)
    assert [path.name for path in (tmp_path / "archive").rglob(".*")] == []  # no drafts are left


@pytest.mark.parametrize("code", [0, errno.ENOSPC])
def test_files_in_a_store(run, bucket, code):
    text, content = bucket
    journals = run(text, code, 10)
    assert content() == {f"edge 7/{name}": digest for name, digest in whole(journals).items()}


def test_rows_in_a_topic(run, brokers, topic):
    broker = brokers()
    rows = 2100  # more than are sent before they are waited for
    journals = run(f"kafka://{broker}/journal", 0, rows, stride=1 if SOAK else 4)
    found = topic(broker)
    assert len({key for key, *_ in found}) == len(journals) * rows
    assert len(found) <= 2 * len(journals) * rows  # at most everything twice

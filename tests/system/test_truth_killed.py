"""A run of `trimtab truth` that is killed, and run again: each entry of the file counts once, whatever was written."""

from __future__ import annotations

import json
import signal
from contextlib import suppress

import pytest

from trimtab.journal.folder import open_folder
from trimtab.journal.query.session import open_journal
from trimtab.journal.truth.readout import read_out

ROWS = 30_000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("truth") / "late.csv"
    path.write_text("id,value\n" + "".join(f"order-{at},{at % 7}\n" for at in range(ROWS)))
    return path


def entries(folder, *, killed):
    """How many count; the end that a kill tears stays where it is, also beside what a later run writes."""
    with open_journal(folder) as journal:
        found = journal.asked(("interactions", "truth", "feedback"), read_out)
        assert [one for one in journal.damage if not (killed and one.endswith(" are torn"))] == []
        return found.entries


@pytest.mark.parametrize("written", [1, 300_000, 2_000_000])
def test_a_killed_run_is_run_again(start, file, tmp_path, written):
    folder = open_folder(tmp_path / "journal")

    def bytes_there():
        with suppress(FileNotFoundError):  # a new segment has another name for a moment
            return sum(path.stat().st_size for path in folder.segments.iterdir())
        return 0

    first = start("trimtab", "truth", str(file), "--journal", str(folder.path))
    first.wait_until(lambda: bytes_there() >= written)
    first.signal(signal.SIGKILL)
    assert first.end() == -signal.SIGKILL
    kept = entries(folder.path, killed=True)
    assert 0 < kept < ROWS or written == 1
    second = start("trimtab", "truth", str(file), "--journal", str(folder.path), "--json", cwd=tmp_path)
    assert second.end(120) == 0, second.err
    assert json.loads(second.out)["entries"] == ROWS
    assert entries(folder.path, killed=True) == ROWS
    with open_journal(folder.path) as journal:
        assert journal.sql("SELECT count(*) FROM truth").fetchall() == [(ROWS + kept,)]


def test_two_runs_at_once_do_not_disturb_each_other(start, file, tmp_path):
    folder = open_folder(tmp_path / "journal")
    children = [start("trimtab", "truth", str(file), "--journal", str(folder.path), "--json") for _ in range(2)]
    assert [child.end(120) for child in children] == [0, 0]
    assert entries(folder.path, killed=False) == ROWS
    assert len(list(folder.segments.iterdir())) == 2

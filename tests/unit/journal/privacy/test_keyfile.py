"""The secrets of a journal in their file: made once, whole or not at all, never open to others, never made anew."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.doubles import nth

from trimtab.core.errors import OutsideError, UserError
from trimtab.journal.privacy.keyfile import SECRET, Stored, change, read, store_first

FIRST = Stored(b"\x01" * SECRET, b"\x02" * SECRET, {})
SECOND = Stored(b"\x03" * SECRET, b"\x02" * SECRET, {7: b"\x04" * SECRET})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_what_is_stored_is_read(path):
    assert read(path) is None
    store_first(path, SECOND)
    assert read(path) == SECOND
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in path.parent.iterdir()] == ["keys.json"]


def test_whoever_comes_second_changes_nothing(path):
    store_first(path, FIRST)
    store_first(path, SECOND)
    assert read(path) == FIRST
    assert len(list(path.parent.iterdir())) == 1


def test_a_change_replaces_the_file_and_sweeps_up_after_the_killed(path):
    store_first(path, FIRST)
    left = path.with_name(".keys-0123.new")
    left.write_text("salts that must go")
    assert change(path, lambda stored: replace(stored, salts={8: b"\x05" * SECRET})).salts == {8: b"\x05" * SECRET}
    assert read(path) == replace(FIRST, salts={8: b"\x05" * SECRET})
    assert len(list(path.parent.iterdir())) == 1


def stamp(path):
    """What changes when a file is written; not when it was read."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def test_nothing_is_written_where_nothing_changes(path):
    store_first(path, FIRST)
    before = stamp(path)
    assert change(path, lambda stored: stored) == FIRST
    assert stamp(path) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (b"\xff", "damaged"),
        (b"[" * 60_000, "damaged"),
        (b'{"format": 1}', "damaged"),
        (json.dumps({"format": 1, "secret": "00", "check": "00" * 32, "salts": {}}).encode(), "damaged"),
        (json.dumps({"format": 1, "secret": None, "check": "00" * 32, "salts": {"x": "00" * 32}}).encode(), "damaged"),
        (json.dumps({"format": 1, "secret": None, "check": "00" * 32, "salts": []}).encode(), "damaged"),
        (json.dumps({"format": 2}).encode(), "of format 2, this trimtab knows 1"),
    ],
)
def test_what_cannot_be_read_is_never_made_anew(path, content, said):
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UserError, match=said) as refused:
        read(path)
    assert refused.value.problems[0].code == "P950"
    with pytest.raises(UserError, match=said):
        change(path, lambda _: FIRST)
    assert path.read_bytes() == content


def test_a_file_that_others_may_read_is_refused(path):
    store_first(path, FIRST)
    path.chmod(0o640)
    with pytest.raises(UserError, match="chmod 600"):
        read(path)


def test_a_link_is_not_followed(path, tmp_path):
    store_first(tmp_path / "elsewhere", FIRST)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="cannot be read"):
        read(path)


def test_a_folder_in_its_place_is_no_file(path):
    path.mkdir(mode=0o700)
    with pytest.raises(UserError, match="no regular file"):
        read(path)


def test_where_there_is_no_folder_nothing_can_be_kept(path):
    with pytest.raises(OutsideError, match="cannot be kept") as refused:
        store_first(path.parent / "none" / "keys.json", FIRST)
    assert refused.value.problems[0].code == "P951"


def test_at_whichever_call_the_disk_fails_or_the_process_dies(path: Path) -> None:
    def all_of_it() -> None:
        store_first(path, FIRST)
        change(path, lambda stored: replace(stored, salts=SECOND.salts))

    for run in (nth.kill_at, nth.fail_at):
        for number in range(_steps(all_of_it, path)):
            _emptied(path.parent)
            assert run(number, all_of_it) != nth.FINISHED
            assert read(path) in (None, FIRST, replace(FIRST, salts=SECOND.salts))
            all_of_it()
            assert read(path) == replace(FIRST, salts=SECOND.salts)
            assert len(list(path.parent.iterdir())) == 1


def _steps(action: Callable[[], None], path: Path) -> int:
    _emptied(path.parent)
    count: int = nth.steps_of(action)
    assert count > 8
    return count


def _emptied(folder: Path) -> None:
    for left in folder.iterdir():
        left.unlink()


def test_the_lock_is_that_of_the_file_in_place(path):
    """A hundred changes by four processes: none is lost."""
    store_first(path, FIRST)
    children = []
    for number in range(4):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                for turn in range(25):
                    salts = {number * 100 + turn: b"\x06" * SECRET}
                    change(path, lambda stored, more=salts: replace(stored, salts={**stored.salts, **more}))
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    assert len(read(path).salts) == 100

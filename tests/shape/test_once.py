"""What tests share is made once by all processes of a run, and what broke off counts for nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.once import made_once


def make(folder: Path) -> None:
    with (folder.parent / "makers").open("a") as makers:
        makers.write(f"{os.getpid()}\n")
    (folder / "found").write_text("".join(path.name for path in folder.iterdir()))


def forked(action: Callable[[], object]) -> int:
    pid = os.fork()
    if not pid:
        action()
        os._exit(0)
    return pid


def status(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_many_processes_make_it_once(tmp_path):
    place = tmp_path / "shelf" / "one.md"
    children = [forked(lambda: made_once(place, make)) for _ in range(8)]
    assert [status(pid) for pid in children] == [0] * 8
    assert made_once(place, make) == place
    assert len((tmp_path / "shelf/makers").read_text().splitlines()) == 1


def test_what_failed_is_made_anew(tmp_path):
    def fails(folder):
        (folder / "half").write_text("")
        raise RuntimeError("half way")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="half way"):
            made_once(tmp_path / "one", fails)
    assert (made_once(tmp_path / "one", make) / "found").read_text() == ""


def test_what_was_killed_is_made_anew(tmp_path):
    def dies(folder):
        (folder / "half").write_text("")
        os.kill(os.getpid(), signal.SIGKILL)

    assert status(forked(lambda: made_once(tmp_path / "one", dies))) == -signal.SIGKILL
    assert (made_once(tmp_path / "one", make) / "found").read_text() == ""


def test_what_lives_on_does_not_keep_others_waiting(tmp_path):
    children = []

    def leaves_a_child(folder):
        children.append(forked(signal.pause))
        make(folder)

    made_once(tmp_path / "one", leaves_a_child)
    assert made_once(tmp_path / "one", make) == tmp_path / "one"
    os.kill(children[0], signal.SIGKILL)
    assert status(children[0]) == -signal.SIGKILL

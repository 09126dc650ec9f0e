"""One at a time, whatever becomes of the one before."""

from __future__ import annotations

import os
import signal
import stat
import threading

import pytest

from trimtab.core.errors import OutsideError
from trimtab.journal.seal.alone import alone


def test_the_second_one_is_told_so(tmp_path):
    with alone(tmp_path) as first:
        assert first
        with alone(tmp_path) as second:
            assert not second
    with alone(tmp_path) as third:
        assert third
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_who_waits_has_its_turn(tmp_path):
    turns = []
    with alone(tmp_path):
        thread = threading.Thread(target=lambda: turns.append(_wait(tmp_path)))
        thread.start()
        assert turns == []
    thread.join(30)
    assert turns == [True]


def _wait(folder):
    with alone(folder, wait=True) as mine:
        return mine


def test_a_killed_one_leaves_no_lock(tmp_path):
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with alone(tmp_path):
            os.write(theirs, b"x")
            signal.pause()
    assert os.read(ours, 1) == b"x"
    with alone(tmp_path) as mine:
        assert not mine
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with alone(tmp_path) as mine:
        assert mine
    os.close(ours)
    os.close(theirs)


def test_no_lock_is_no_permission(tmp_path):
    with pytest.raises(OutsideError, match="P921"), alone(tmp_path / "none"):
        pass

"""Whoever has a bundle keeps it: here, in what was forked, until the last one ends, however it ends."""

import os
import signal

from trimtab.bundle.keeping.leases import Lease, claimed, take


def is_free(folder):
    with claimed(folder) as free:
        return free


def test_a_folder_is_free_until_it_is_taken_and_after_the_last_lease_is_gone(tmp_path):
    assert is_free(tmp_path)
    one, two = take(tmp_path), take(tmp_path)
    assert not is_free(tmp_path)
    del one
    assert not is_free(tmp_path)
    del two
    assert is_free(tmp_path)


def test_a_forked_process_has_it_too_until_it_is_killed(tmp_path):
    lease = take(tmp_path)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - another process
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    del lease
    assert not is_free(tmp_path)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(writing)
    assert is_free(tmp_path)


def test_a_lease_knows_whether_the_folder_is_still_the_one_it_locked(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    lease = Lease(folder)
    assert lease.is_on(folder)
    folder.rename(tmp_path / "moved")
    assert lease.is_on(tmp_path / "moved")
    assert not lease.is_on(folder)
    folder.mkdir()
    assert not lease.is_on(folder)


def test_there_is_no_lease_on_what_is_not_there_and_no_claim(tmp_path):
    assert take(tmp_path / "gone") is None
    assert not is_free(tmp_path / "gone")
    (tmp_path / "file").write_text("")
    assert take(tmp_path / "file") is None

"""Folders in progress, locks, modes and small files that are replaced at once."""

import fcntl
import os

import pytest

from trimtab.bundle import incoming
from trimtab.bundle.files import Entry
from trimtab.bundle.incoming import copy_bundle, exclusive, incoming_folder, seal, whole_file, write_synced


def is_free(root):
    """Whether nobody holds the store's lock."""
    handle = os.open(root / "lock", os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def leave(manager, error):
    with manager:
        raise error


def test_the_lock_is_held_inside_and_free_outside(tmp_path):
    with exclusive(tmp_path / "new"):
        assert not is_free(tmp_path / "new")
    assert is_free(tmp_path / "new")


def test_the_lock_is_free_after_a_fault(tmp_path):
    with pytest.raises(RuntimeError):
        leave(exclusive(tmp_path), RuntimeError())
    assert is_free(tmp_path)


def test_a_folder_in_progress_is_new_and_gone_afterwards(tmp_path):
    with incoming_folder(tmp_path) as one, incoming_folder(tmp_path) as two:
        (one / "file").write_text("x")
        assert one != two
        assert {one.parent, two.parent} == {tmp_path / "incoming"}
        assert list(two.iterdir()) == []
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_folder_in_progress_is_gone_after_a_fault(tmp_path):
    with pytest.raises(RuntimeError):
        leave(incoming_folder(tmp_path), RuntimeError())
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_the_dead_left_is_swept_and_what_others_work_on_stays(tmp_path):
    dead = tmp_path / "incoming" / "dead" / "bundle"
    dead.mkdir(parents=True)
    (dead / "half").write_text("x")
    with incoming_folder(tmp_path) as alive:
        (alive / "mine").write_text("y")
        with incoming_folder(tmp_path):
            assert not dead.parent.exists()
            assert (alive / "mine").read_text() == "y"


def test_a_copy_has_no_links_and_no_pipes(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "model").mkdir(parents=True)
    (source / "model" / "w").write_bytes(b"\x00")
    (source / "link").symlink_to("/etc/hostname")
    os.mkfifo(source / "pipe")
    target.mkdir()
    copy_bundle(source, target)
    found = {path.relative_to(target).as_posix(): path for path in target.rglob("*")}
    assert set(found) == {"model", "model/w", "link", "pipe"}
    assert not found["link"].is_symlink()
    assert [found[name].read_bytes() for name in ("model/w", "link", "pipe")] == [b"\x00", b"", b""]


def test_what_goes_away_while_it_is_copied_is_not_written(tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "kept").write_bytes(b"x")
    (source / "link").symlink_to("/etc/hostname")
    seen = [Entry("gone", "file"), Entry("kept", "file"), Entry("link", "file")]  # as they were when they were listed
    monkeypatch.setattr(incoming, "walk", lambda _: seen)
    assert [*copy_bundle(source, target)] == ["kept"]
    assert [path.name for path in target.iterdir()] == ["kept"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_do_not_depend_on_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        (tmp_path / "bundle" / "model").mkdir(parents=True)
        (tmp_path / "bundle" / "model" / "w").write_text("x")
    finally:
        os.umask(before)
    seal(tmp_path / "bundle")
    modes = [tmp_path / "bundle", tmp_path / "bundle" / "model", tmp_path / "bundle" / "model" / "w"]
    assert [path.stat().st_mode & 0o777 for path in modes] == [0o755, 0o755, 0o444]


def test_a_small_file_is_replaced_whole_and_leaves_no_draft(tmp_path):
    write_synced(tmp_path / "latest", "one\n")
    with (tmp_path / "latest").open() as reader:
        write_synced(tmp_path / "latest", "two\n")
        assert reader.read() == "one\n"  # who has the old file open reads all of it
    assert (tmp_path / "latest").read_text() == "two\n"
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


@pytest.mark.parametrize("umask", [0, 0o077])
def test_a_whole_file_has_the_mode_that_was_said(tmp_path, umask):
    before = os.umask(umask)
    try:
        for mode in (0o644, 0o600):
            with whole_file(tmp_path / "file", mode) as file:
                file.write(b"%o" % mode)
            assert (tmp_path / "file").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
    assert (tmp_path / "file").read_bytes() == b"600"

"""The file of counts: made whole, its owner's only, begun anew when it is no good, and nobody's file destroyed."""

from __future__ import annotations

import errno
import os
import stat
import struct

import pytest

from trimtab.core.errors import OutsideError
from trimtab.server.guard.shares.quotafile import CLOCK, HEAD, open_file, open_memory, restore

SIZE = HEAD + 4096


def opened(path, said, size=SIZE):
    """What the file holds after it was opened."""
    handle = open_file(path, size, said)
    try:
        return os.pread(handle, size + 1, 0)
    finally:
        os.close(handle)


def test_a_file_is_made_with_its_folder_for_its_owner_only(tmp_path, said):
    path = tmp_path / "a/b/quotas"
    assert len(opened(path, said)) == SIZE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.stat().st_blocks * 512 >= SIZE  # its room is taken
    assert [one.name for one in path.parent.iterdir()] == ["quotas"]
    assert said == []


def test_it_is_there_as_it_was_the_next_time_and_nobody_else_may_read_it(tmp_path, said):
    path = tmp_path / "quotas"
    handle = open_file(path, SIZE, said)
    os.pwrite(handle, b"counts", HEAD)
    os.close(handle)
    before = path.read_bytes()
    path.chmod(0o644)
    assert opened(path, said) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert said == []


def spoilt(whole: bytes) -> dict[str, tuple[bytes, str]]:
    """What may lie there instead, and what is said of it."""
    return {
        "empty": (b"", "it is no file of counts"),
        "foreign": (b"import numpy\n" * 1000, "it is no file of counts"),
        "version": (whole.replace(b"quotas 1", b"quotas 2", 1), "it is of another version"),
        "short": (whole[:-1], "it is damaged"),
        "head only": (whole[:20], "it is damaged"),
        "long": (whole + b"x", "it is damaged"),
        "seed": (whole[:40] + bytes([whole[40] ^ 1]) + whole[41:], "it is damaged"),
        "sum": (whole[:60] + bytes([whole[60] ^ 1]) + whole[61:], "it is damaged"),
        "nan": (whole[:CLOCK] + struct.pack("@d", float("nan")) + whole[CLOCK + 8 :], "it is damaged"),
        "far": (whole[:CLOCK] + struct.pack("@d", 1e300) + whole[CLOCK + 8 :], "it is damaged"),
    }


@pytest.mark.parametrize("kind", spoilt(bytes(SIZE)))
def test_what_is_no_file_of_ours_is_put_aside_and_another_one_begun(tmp_path, said, kind):
    path = tmp_path / "quotas"
    content, why = spoilt(opened(path, said))[kind]
    path.write_bytes(content)
    assert opened(path, said)[HEAD:] == bytes(SIZE - HEAD)
    kept = tmp_path / "quotas.unread"
    assert kept.read_bytes() == content
    fields = {"level": "error", "file": str(path), "why": why, "kept": str(kept)}
    assert said == [("quotas begun anew", fields)]


def test_what_a_killed_process_left_behind_is_no_hindrance(tmp_path, said):
    (tmp_path / ".quotas.new").write_bytes(b"half")
    opened(tmp_path / "quotas", said)
    assert [one.name for one in tmp_path.iterdir()] == ["quotas"]


def test_a_place_that_cannot_be_had_is_an_error_in_words(tmp_path, said):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("")
    for name, why in (("folder", errno.EISDIR), ("link", errno.ELOOP), ("file/quotas", errno.EEXIST)):
        with pytest.raises(OutsideError) as raised:
            open_file(tmp_path / name, SIZE, said)
        assert raised.value.problems[0].code == "P346"
        assert os.strerror(why) in raised.value.problems[0].what
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_is_an_error_at_the_start_and_leaves_nothing(tmp_path, said):
    with pytest.raises(OutsideError, match="cannot keep counts in"):
        open_file(tmp_path / "quotas", 1 << 60, said)
    assert list(tmp_path.iterdir()) == []


def test_memory_has_a_head_of_its_own():
    first, second = open_memory(SIZE), open_memory(SIZE)
    assert os.fstat(first).st_size == SIZE
    assert os.pread(first, 64, 0) != os.pread(second, 64, 0)
    os.close(first)
    os.close(second)


def test_a_file_that_was_cut_short_gets_its_length_and_its_head_again(tmp_path, said):
    path = tmp_path / "quotas"
    handle = open_file(path, SIZE, said)
    head = os.pread(handle, CLOCK, 0)
    restore(handle, SIZE, head, said)
    assert said == []
    os.truncate(path, 10)
    restore(handle, SIZE, head, said)
    os.close(handle)
    assert said.events == ["quotas restored"]
    assert opened(path, said)[:CLOCK] == head

"""A segment in the making: seen only with lock and header, whole after any write, doubted after any doubt."""

from __future__ import annotations

import errno

import pytest
from tests.doubles.disk import Disk, at

from trimtab.journal.segments.files import OS
from trimtab.journal.segments.frames import HEADER_SIZE, Frame, encode, header, mark_of
from trimtab.journal.segments.growing import Growing

NAME = "0011223344556677-000001"
FIRST = [Frame(1, b"{}")]
HEAD = header(NAME, 5.0) + encode(FIRST, mark_of(NAME))
ONE, TWO = Frame(2, b"one"), Frame(2, b"two")


def begun(folder, disk=OS):
    return Growing(folder, NAME, 5.0, FIRST, disk)


def rest(path):
    """What the file has after what every new one has."""
    data = path.read_bytes()
    assert data[: len(HEAD)] == HEAD
    return data[len(HEAD) :]


def test_it_begins_with_header_and_first_frames(tmp_path):
    segment = begun(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.seg"]
    assert segment.path.read_bytes() == HEAD
    assert (segment.size, segment.empty, segment.synced) == (len(HEAD), len(HEAD), 0)
    assert len(HEAD) > HEADER_SIZE
    segment.close()


@pytest.mark.parametrize("short", [False, True])
def test_it_begins_whole_or_not_at_all(tmp_path, short):
    for number in range(3):
        with pytest.raises(OSError, match="No space"):
            begun(tmp_path, Disk(at(number, errno.ENOSPC), short=short))
        assert list(tmp_path.iterdir()) == []


def test_frames_are_appended_in_one_call(tmp_path):
    disk = Disk()
    segment = begun(tmp_path, disk)
    disk.calls.clear()
    segment.write([ONE, TWO])
    assert disk.calls == ["write"]
    assert rest(segment.path) == encode([ONE, TWO], mark_of(NAME))
    assert segment.size == segment.path.stat().st_size
    segment.close()


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_a_write_that_fails_leaves_nothing_and_says_why(tmp_path, code, short):
    disk = Disk(short=short)
    segment = begun(tmp_path, disk)
    segment.write([ONE])
    disk.fails = at(len(disk.calls), code)
    with pytest.raises(OSError, match=r"^\[") as error:
        segment.write([TWO, TWO, TWO, TWO])
    assert error.value.errno == code
    assert rest(segment.path) == encode([ONE], mark_of(NAME))
    assert not segment.doubted
    segment.write([TWO])
    assert rest(segment.path) == encode([ONE, TWO], mark_of(NAME))
    segment.close()


def test_a_write_that_took_less_at_first_goes_on(tmp_path):
    class Slow(Disk):
        def write(self, file, data, /):
            return super().write(file, data[:7])

    segment = begun(tmp_path, Slow())
    segment.write([ONE, TWO])
    assert rest(segment.path) == encode([ONE, TWO], mark_of(NAME))
    segment.close()


def test_a_write_that_takes_nothing_is_a_fault(tmp_path):
    class Stuck(Disk):
        stuck = False

        def write(self, file, data, /):
            return 0 if self.stuck else super().write(file, data)

    disk = Stuck()
    segment = begun(tmp_path, disk)
    disk.stuck = True
    with pytest.raises(OSError, match="Input/output"):
        segment.write([ONE])
    segment.close()


def test_what_cannot_be_taken_back_is_doubted(tmp_path):
    disk = Disk(short=True)
    segment = begun(tmp_path, disk)
    disk.fails = at(len(disk.calls), errno.EIO, lasting=2)
    with pytest.raises(OSError, match="Input/output"):
        segment.write([ONE])
    assert segment.doubted
    assert segment.size == len(HEAD) < segment.path.stat().st_size
    segment.cut(segment.size)
    assert rest(segment.path) == b""
    segment.close()


def test_the_first_sync_is_of_the_name_too(tmp_path):
    disk = Disk()
    segment = begun(tmp_path, disk)
    disk.calls.clear()
    segment.sync()
    assert segment.synced == segment.size
    segment.write([ONE])
    segment.sync()
    assert disk.calls == ["sync", "sync_folder", "write", "sync"]
    assert segment.synced == segment.size
    segment.close()


@pytest.mark.parametrize("which", [0, 1])
def test_a_sync_that_fails_is_doubted(tmp_path, which):
    disk = Disk()
    segment = begun(tmp_path, disk)
    disk.fails = at(len(disk.calls) + which, errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        segment.sync()
    assert segment.doubted
    assert segment.synced == 0
    segment.close()


def test_an_interrupt_in_a_write_leaves_nothing_that_is_not_counted(tmp_path):
    class Interrupted(Disk):
        armed = False

        def write(self, file, data, /):
            done = super().write(file, data)
            if self.armed:
                raise KeyboardInterrupt
            return done

    disk = Interrupted()
    segment = begun(tmp_path, disk)
    disk.armed = True
    with pytest.raises(KeyboardInterrupt):
        segment.write([ONE])
    assert rest(segment.path) == b""
    segment.close()


def test_it_may_be_thrown_away(tmp_path):
    segment = begun(tmp_path)
    segment.discard()
    assert list(tmp_path.iterdir()) == []


def test_in_the_end_it_stays_if_there_is_something_in_it(tmp_path):
    segment = begun(tmp_path)
    segment.end()
    assert list(tmp_path.iterdir()) == []
    segment = begun(tmp_path)
    segment.write([ONE])
    segment.end()
    assert rest(segment.path) == encode([ONE], mark_of(NAME))


@pytest.mark.parametrize("which", [0, 1])
def test_a_flush_that_fails_is_doubted_and_one_that_does_not_counts_for_nothing(tmp_path, which):
    disk = Disk()
    segment = begun(tmp_path, disk)
    segment.flush()
    assert (segment.doubted, segment.synced) == (False, 0)
    segment.discard()
    disk = Disk(lambda _, call: errno.EIO if call == ("sync", "sync_folder")[which] else 0)
    segment = begun(tmp_path, disk)
    with pytest.raises(OSError, match="Input/output"):
        segment.flush()
    assert segment.doubted
    segment.close()

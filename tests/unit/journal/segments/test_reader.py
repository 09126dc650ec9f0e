"""Readers beside the writer: a prefix of what it wrote, damage by place, and what has gone meanwhile."""

from __future__ import annotations

import os
import resource
import struct
import zlib
from pathlib import Path

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import HEADER_SIZE, SMALLEST, Frame, encode, header, mark_of
from trimtab.journal.segments.reader import Damage, Segment, segments
from trimtab.journal.segments.writer import Writer

NAME = "0011223344556677-000001"
FRAMES = [Frame(2, b"%d" % number) for number in range(5)]
SIZE = SMALLEST + 1


@pytest.fixture
def write(folder):
    """A file among the segments: write(NAME, data, locked=...)."""

    def put(data, name=NAME):
        path = folder.segments / f"{name}.seg"
        path.write_bytes(data)
        return path

    return put


@pytest.fixture
def look(folder):
    """Frames and damage of the only segment."""

    def read(start=0):
        with segments(folder) as (segment,):
            return list(segment.frames(start)), segment.damage, segment.end

    return read


def body(name=NAME):
    return header(name, 5.0) + encode(FRAMES, mark_of(name))


def test_a_segment_says_what_it_is(folder, write):
    path = write(body())
    with segments(folder) as (segment,):
        assert (segment.name, segment.path, segment.created, segment.locked) == (NAME, path, 5.0, False)
        assert segment.size == path.stat().st_size
        for _ in range(2):
            assert list(segment.frames()) == FRAMES
            assert segment.damage == []
            assert segment.end == segment.size


def test_the_oldest_comes_first(folder, write):
    for name, created in (("a", 3.0), ("b", 1.0), ("c", 2.0), ("d", 2.0)):
        write(header(name, created), name)
    with segments(folder) as found:
        assert [segment.name for segment in found] == ["b", "c", "d", "a"]


def test_what_is_no_segment_is_passed_over(folder, write, tmp_path):
    write(body())
    (folder.segments / "notes.txt").write_text("x")
    (folder.segments / f"{NAME}.new").write_bytes(body())
    (folder.segments / "folder.seg").mkdir()
    (folder.segments / "link.seg").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(folder.segments / "pipe.seg")
    with segments(folder) as found:
        assert [segment.name for segment in found] == [NAME]


def test_there_may_be_none(tmp_path):
    folder = open_folder(tmp_path / "journal")
    with segments(folder) as found:
        assert found == []
    folder.segments.rmdir()  # whoever made the journal was killed on the way
    with segments(folder) as found:
        assert found == []


@pytest.mark.parametrize("cut", range(1, SIZE))
def test_a_torn_tail_is_damage_once_nobody_writes(write, look, cut):
    write(body()[:-cut])
    end = HEADER_SIZE + 4 * SIZE
    assert look() == (FRAMES[:4], [Damage(end, SIZE - cut, "torn")], end)


def test_of_a_locked_segment_what_is_not_whole_is_not_there_yet(folder, look):
    writer = Writer(folder)
    writer.write(FRAMES)
    path = folder.segments / f"{writer.name}.seg"
    with path.open("ab") as file:
        file.write(encode(FRAMES, mark_of(writer.name))[:-1])
    end = HEADER_SIZE + 9 * SIZE
    assert look() == (FRAMES + FRAMES[:4], [], end)
    writer.close()
    assert look()[1] == [Damage(end, SIZE - 1, "torn")]


def test_damage_in_the_middle_is_told_also_of_a_locked_one(folder, look):
    writer = Writer(folder)
    writer.write(FRAMES)
    with (folder.segments / f"{writer.name}.seg").open("r+b") as file:
        file.seek(HEADER_SIZE + SIZE)
        file.write(b"z" * SIZE)
    found = [FRAMES[0], *FRAMES[2:]], [Damage(HEADER_SIZE + SIZE, SIZE, "damaged")], HEADER_SIZE + 5 * SIZE
    assert look() == found
    writer.close()
    assert look() == found


@pytest.mark.parametrize("at", [0, 8, 12, 50, HEADER_SIZE - 1])
def test_with_its_header_damaged_it_is_read_by_its_name(folder, write, at):
    data = bytearray(body())
    data[at] ^= 0x10
    path = write(bytes(data))
    with segments(folder) as (segment,):
        assert list(segment.frames()) == FRAMES
        assert segment.damage == [Damage(0, HEADER_SIZE, "header")]
        assert segment.created == path.stat().st_mtime


def test_with_another_name_it_is_read_by_its_header(write, look):
    write(body(), "copy")
    assert look()[:2] == (FRAMES, [])


def test_with_neither_it_is_damaged_from_beginning_to_end(write, look):
    data = bytes(HEADER_SIZE) + body()[HEADER_SIZE:]
    write(data, "copy")
    torn = Damage(HEADER_SIZE, len(data) - HEADER_SIZE, "torn")
    assert look() == ([], [Damage(0, HEADER_SIZE, "header"), torn], HEADER_SIZE)


@pytest.mark.parametrize("size", [0, 1, HEADER_SIZE - 1])
def test_a_file_without_even_a_header(write, look, size):
    write(body()[:size])
    assert look()[:2] == ([], [Damage(0, size, "header")] if size else [])


def test_a_newer_segment_is_refused_by_name(folder, write):
    head = struct.pack("<8sI32sd", b"trimseg\n", 2, NAME.encode(), 5.0)
    write(head + struct.pack("<I", zlib.crc32(head)))
    with pytest.raises(UserError, match="format 2") as error, segments(folder):
        pass
    assert error.value.problems[0].code == "P906"
    assert NAME in error.value.problems[0].where


def test_reading_goes_on_where_it_ended(folder):
    writer = Writer(folder)
    writer.write(FRAMES[:2])
    with segments(folder) as (segment,):
        assert list(segment.frames()) == FRAMES[:2]
        assert list(segment.frames(segment.end)) == []
        writer.write(FRAMES[2:])
        assert list(segment.frames(segment.end)) == FRAMES[2:]
    writer.close()


def test_an_open_segment_stays_readable_when_its_name_goes(folder, write):
    path = write(body())
    with segments(folder) as (segment,):
        path.unlink()
        assert list(segment.frames()) == FRAMES
    with segments(folder) as found:
        assert found == []


def test_who_claims_a_segment_has_it_alone(write):
    path = write(body())
    one, two = Segment(path), Segment(path)
    assert one.claim()
    assert not two.claim()
    assert Segment(path).locked
    assert one.claim()
    one.close()
    assert two.claim()
    two.close()


def test_what_a_writer_has_cannot_be_claimed(folder):
    writer = Writer(folder)
    writer.write(FRAMES)
    with segments(folder) as (segment,):
        assert segment.locked
        assert not segment.claim()
        writer.close()
        assert segment.claim()


@pytest.mark.usefixtures("modes_count")
def test_a_segment_that_may_not_be_read_is_refused_by_name(folder, write):
    write(body()).chmod(0)
    with pytest.raises(OutsideError, match="cannot be read") as error, segments(folder):
        pass
    assert error.value.problems[0].code == "P905"
    assert NAME in error.value.problems[0].where


def test_more_segments_than_may_be_open(folder, write):
    for number in range(100):
        write(header(str(number), 1.0), str(number))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + 50, hard))
    try:
        with pytest.raises(OutsideError, match="ulimit") as error, segments(folder):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert error.value.problems[0].code == "P905"
    assert len(list(Path("/proc/self/fd").iterdir())) == before

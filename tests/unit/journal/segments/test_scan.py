"""Past damage, frames are found again; in blocks, whatever their size."""

from __future__ import annotations

import pytest

from trimtab.journal.segments.frames import SMALLEST, Frame, encode, mark_of
from trimtab.journal.segments.scan import scan

MARK = mark_of("n")
MIB = 1 << 20


def read_back(data: bytes, begin=0, end=None, mark=MARK):
    """Frames, damaged stretches, and how many bytes were read."""
    damage, sizes = [], []

    def read(at, size):
        sizes.append(size)
        return data[at : at + size]

    found = list(scan(read, mark, (begin, len(data) if end is None else end), lambda *met: damage.append(met)))
    return found, damage, sum(sizes)


@pytest.mark.parametrize("size", [0, 1, 100, MIB - SMALLEST, MIB - SMALLEST + 1, MIB, 5 * MIB])
def test_frames_of_any_size_are_read_without_reading_much_twice(size):
    frames = [Frame(1, b"first"), Frame(2, b"x" * size), Frame(2, b"y" * size), Frame(3, b"last")]
    data = encode(frames, MARK)
    found, damage, count = read_back(data)
    assert found == frames
    assert damage == []
    assert count <= len(data) + 4 * MIB


def test_many_small_frames_over_many_blocks():
    frames = [Frame(1, str(number).encode()) for number in range(200_000)]
    assert read_back(encode(frames, MARK))[:2] == (frames, [])


def test_only_the_span_is_read():
    data = encode([Frame(1, b"a"), Frame(1, b"b"), Frame(1, b"c")], MARK)
    one = SMALLEST + 1
    assert read_back(data, one, 2 * one)[:2] == ([Frame(1, b"b")], [])


@pytest.mark.parametrize("junk", [b"z", bytes(4096), MARK.word.to_bytes(4, "little") * 10, b"x" * (3 * MIB)])
def test_what_is_between_frames_is_told_and_passed_over(junk):
    head, tail = encode([Frame(1, b"a")], MARK), encode([Frame(1, b"b"), Frame(1, b"c")], MARK)
    found, damage, _ = read_back(head + junk + tail)
    assert found == [Frame(1, b"a"), Frame(1, b"b"), Frame(1, b"c")]
    assert damage == [(len(head), len(head + junk))]


@pytest.mark.parametrize("junk", [b"z", bytes(4096), b"x" * (3 * MIB), encode([Frame(1, b"x" * 2 * MIB)], MARK)[:-1]])
def test_what_is_at_the_end_is_told(junk):
    head = encode([Frame(1, b"a")], MARK)
    assert read_back(head + junk)[:2] == ([Frame(1, b"a")], [(len(head), len(head + junk))])


def test_a_length_that_was_changed_costs_only_its_frame():
    frames = [Frame(1, b"a"), Frame(1, b"b" * 40), Frame(1, b"c" * 2 * MIB), Frame(1, b"d")]
    data = encode(frames, MARK)
    at = SMALLEST + 1
    for byte, value in ((4, 0), (5, 200), (6, 255), (7, 0x1F)):  # of 40 bytes 0, 51,240, 16 million and 256 million
        changed = bytearray(data)
        changed[at + byte] = value
        found, damage, _ = read_back(bytes(changed))
        assert found == [frames[0], *frames[2:]]
        assert damage == [(at, at + SMALLEST + 40)]


def test_a_file_that_is_cut_while_it_is_read():
    data = encode([Frame(1, b"a"), Frame(1, b"b")], MARK)
    found, damage, _ = read_back(data[:-1], end=len(data) + 100)
    assert found == [Frame(1, b"a")]
    assert damage == [(SMALLEST + 1, len(data) + 100)]


def test_a_frame_within_what_a_caller_sent_is_not_found():
    # the caller does not know the mark; with the mark of another segment his frame is as good as any junk
    forged = encode([Frame(3, b'{"stream":"audit"}')], mark_of("another"))
    data = bytearray(encode([Frame(2, forged)], MARK))
    data[0] ^= 1
    found, damage, _ = read_back(bytes(data))
    assert found == []
    assert damage == [(0, len(data))]

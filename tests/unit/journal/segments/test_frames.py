"""Bytes of a segment: what is written is found, and nothing else is taken for it."""

from __future__ import annotations

import struct

import pytest

from trimtab.journal.segments.frames import (
    FORMAT,
    HEADER_SIZE,
    LARGEST,
    SMALLEST,
    Frame,
    Header,
    Kind,
    declaration,
    declared,
    encode,
    header,
    mark_of,
    parse_header,
    whole,
)  # fmt: skip

MARK = mark_of("0011223344556677-000001")
FRAMES = [Frame(Kind.SCHEMA, b"{}"), Frame(Kind.INTERACTION, b""), Frame(Kind.RECORD, bytes(100)), Frame(15, b"new")]


def test_frames_are_read_back():
    data = encode(FRAMES, MARK)
    assert whole(data, MARK) == (FRAMES, len(data), SMALLEST)


def test_the_bytes_are_fixed():
    # whoever changes this needs a new format, and goes on reading this one
    assert encode([Frame(2, b"abc")], MARK).hex() == "f84207d6030000201d85c78c616263"


def test_nothing_comes_of_nothing():
    assert encode([], MARK) == b""
    assert whole(b"", MARK) == ([], 0, SMALLEST)


def test_the_mark_comes_from_the_name_and_begins_with_what_no_text_has():
    marks = {mark_of(f"0011223344556677-{number:06}") for number in range(1000)}
    assert len(marks) == 1000
    for mark in marks:
        with pytest.raises(UnicodeDecodeError):
            struct.pack("<I", mark.word).decode()


@pytest.mark.parametrize("at", range(SMALLEST + 3))
def test_a_changed_byte_is_no_frame(at):
    data = bytearray(encode(FRAMES[:1], MARK) + encode([Frame(2, b"abc")], MARK))
    first = SMALLEST + 2
    for bit in range(8):
        changed = bytearray(data)
        changed[first + at] ^= 1 << bit
        frames, end, _ = whole(bytes(changed), MARK)
        assert (frames, end) == (FRAMES[:1], first)


def test_another_segments_frames_zeros_and_the_callers_bytes_are_no_frames():
    other = mark_of("0011223344556677-000002")
    assert whole(encode(FRAMES, other), MARK)[0] == []
    assert whole(encode(FRAMES, other._replace(word=MARK.word)), MARK)[0] == []
    assert whole(bytes(4096), MARK) == ([], 0, 0)


def test_a_frame_that_is_not_all_there_says_how_long_it_is():
    data = encode([Frame(1, b"x" * 50)], MARK)
    for size in range(len(data)):
        assert whole(data[:size], MARK) == ([], 0, len(data) if size >= SMALLEST else SMALLEST)


def test_what_is_too_large_is_refused():
    class Huge(bytes):
        def __len__(self):
            return LARGEST + 1

    with pytest.raises(ValueError, match="too many for a frame"):
        encode([Frame(1, Huge())], MARK)


def test_the_header_is_read_back():
    data = header("0011223344556677-000001", 1234.5)
    assert len(data) == HEADER_SIZE
    assert parse_header(data + b"more") == Header(FORMAT, "0011223344556677-000001", 1234.5)


def test_a_header_that_is_damaged_or_short_is_none():
    data = header("n", 0.0)
    for at in range(len(data)):
        assert parse_header(data[:at]) is None
        assert parse_header(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]) is None
    assert parse_header(bytes(4096)) is None


def test_a_schema_has_its_number():
    frame = declaration(12, b'{"schema":[1,{"number":2}]}')
    assert frame.kind == Kind.SCHEMA
    assert frame.payload == b'{"number":12,"schema":{"schema":[1,{"number":2}]}}'
    assert declared(frame.payload) == (12, b'{"schema":[1,{"number":2}]}')

"""The bytes of a segment: a header, then frames one after the other; nothing here reads or writes files.

    header   magic 8s, format u32, name 32s, created f64, CRC-32 of these u32
    frame    word u32, kind << 28 | length u32, CRC-32 of the payload u32, payload       all little-endian

The word, and what the CRC begins with, come from the segment's name, which is random and which no caller learns:
so neither a block that the disk had before, nor one of another segment, nor what a caller sent in a payload is ever
taken for a frame, and with the header lost the frames are still read. Kind and length are part of what the CRC begins
with. No word is zero, so what was zeroed is no frame.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from trimtab.journal.segments.checksum import crc32

__all__ = [
    "FORMAT", "HEADER_SIZE", "LARGEST", "SMALLEST", "Frame", "Header", "Kind", "Mark", "declaration", "declared",
    "encode", "header", "mark_of", "parse_header", "whole",
]  # fmt: skip

FORMAT: Final = 1
LARGEST: Final = (1 << 28) - 1  # bytes of a payload
_MAGIC: Final = b"trimseg\n"
_HEADER: Final = struct.Struct("<8sI32sd")
_CRC: Final = struct.Struct("<I")
_FRAME: Final = struct.Struct("<III")
_pack: Final = _FRAME.pack
HEADER_SIZE: Final = _HEADER.size + _CRC.size
SMALLEST: Final = _FRAME.size  # bytes of a frame without payload


class Kind(IntEnum):
    """What the payload of a frame is; 1 to 15, and a reader passes over those that it does not know."""

    SCHEMA = 1
    INTERACTION = 2
    RECORD = 3
    GAP = 4


class Frame(NamedTuple):
    """One thing that was written."""

    kind: int
    payload: bytes


class Mark(NamedTuple):
    """What the frames of one segment are known by."""

    word: int
    seed: int


class Header(NamedTuple):
    """What a segment says of itself; created: seconds since 1970, UTC."""

    format: int
    name: str
    created: float


def mark_of(name: str) -> Mark:
    """The mark of the segment of that name."""
    word, seed = struct.unpack("<II", hashlib.blake2b(name.encode(), digest_size=8, person=b"trimtab.segment").digest())
    return Mark(word | 0xF8, seed)  # its first byte is in no UTF-8 text, so that a search for it is quick


def header(name: str, created: float) -> bytes:
    """The first bytes of the segment. name: at most 32 bytes."""
    head = _HEADER.pack(_MAGIC, FORMAT, name.encode(), created)
    return head + _CRC.pack(crc32(head))


def parse_header(data: bytes) -> Header | None:
    """The header at the beginning of the data; None where it is damaged or not all there."""
    if len(data) < HEADER_SIZE:
        return None
    magic, version, name, created = _HEADER.unpack_from(data)
    if magic != _MAGIC or _CRC.unpack_from(data, _HEADER.size)[0] != crc32(data[: _HEADER.size]):
        return None
    return Header(version, name.rstrip(b"\0").decode(errors="replace"), created)


def encode(frames: Iterable[tuple[int, bytes]], mark: Mark) -> bytes:
    """The frames as they stand in the segment with that mark. ValueError for a payload that is too large."""
    word, seed = mark
    pack, sum_of = _pack, crc32
    parts: list[bytes] = []
    for kind, payload in frames:
        length = len(payload)
        if length > LARGEST:
            raise ValueError(f"{length} bytes are too many for a frame")
        tag = kind << 28 | length
        parts += (pack(word, tag, sum_of(payload, seed ^ tag)), payload)
    return b"".join(parts)


def whole(data: bytes, mark: Mark) -> tuple[list[Frame], int, int]:
    """The whole frames at the beginning of the data, where they end, and how many bytes the next one says it has.

    That number is 0 where no frame begins, and `SMALLEST` where there are too few bytes to tell.
    """
    word, seed = mark
    unpack, sum_of, size = _FRAME.unpack_from, crc32, len(data)
    frames: list[Frame] = []
    at = 0
    while at + SMALLEST <= size:
        found, tag, crc = unpack(data, at)
        begin = at + SMALLEST
        end = begin + (tag & LARGEST)
        if found != word:
            return frames, at, 0
        if end > size:
            return frames, at, end - at
        payload = data[begin:end]
        if sum_of(payload, seed ^ tag) != crc:
            return frames, at, 0
        frames.append(Frame(tag >> 28, payload))
        at = end
    return frames, at, SMALLEST


def declaration(number: int, schema: bytes) -> Frame:
    """The frame that gives a schema, which is JSON, its number in a segment."""
    return Frame(Kind.SCHEMA, b'{"number":%d,"schema":%b}' % (number, schema))


def declared(payload: bytes) -> tuple[int, bytes]:
    """Number and schema of a `SCHEMA` frame."""
    number, _, schema = payload.removeprefix(b'{"number":').partition(b',"schema":')
    return int(number), schema[:-1]

"""A gzip stream that says nothing of when and where it was made, and the digests of both its sides."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["COMPRESSOR", "Packed", "pack"]

_LEVEL: Final = 6
# magic, deflate, no flags, no time, no hint of the level, an unknown system
_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
COMPRESSOR: Final = f"zlib {zlib.ZLIB_RUNTIME_VERSION} level {_LEVEL}"  # another build may pack to other bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """Digests and sizes in bytes: of the stream, and of what it unpacks to."""

    digest: str
    size: int
    diff_id: str
    unpacked: int


def pack(pieces: Iterable[bytes], write: Callable[[bytes], object]) -> Packed:
    """Compress the pieces into `write`."""
    outer, inner = hashlib.sha256(), hashlib.sha256()
    size = unpacked = crc = 0
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)

    def put(data: bytes) -> None:
        nonlocal size
        outer.update(data)
        size += len(data)
        write(data)

    put(_HEAD)
    for piece in pieces:
        inner.update(piece)
        unpacked += len(piece)
        crc = zlib.crc32(piece, crc)
        put(deflate.compress(piece))
    put(deflate.flush())
    put(struct.pack("<II", crc, unpacked & 0xFFFFFFFF))
    return Packed(f"sha256:{outer.hexdigest()}", size, f"sha256:{inner.hexdigest()}", unpacked)

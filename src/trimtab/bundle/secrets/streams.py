"""What is in a file as pieces to search: text or not, and what containers hold, unpacked in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final, Protocol

__all__ = ["PIECE", "Part", "Readable", "parts_of", "pieces"]

PIECE: Final = 8 << 20  # bytes searched at once
_OVERLAP: Final = 16 << 10  # the longest secret that is looked for is shorter
_MEMBERS: Final = 10_000
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class Readable(Protocol):
    """What can be read forwards."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a member of one by its name, and how to read it."""

    member: str
    open: Callable[[], Readable]


def parts_of(file: IO[bytes]) -> Iterator[Part]:
    """The file itself, and what it is a container of: members of a zip (skops, npz, torch), one compressed stream.

    Each must be read before the next is taken. Raises what reading a damaged container does.
    """
    yield Part("", partial(_from_start, file))
    head = _from_start(file).read(6)
    if head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(_from_start(file)) as archive:
            for info in archive.infolist()[:_MEMBERS]:
                if info.compress_type != zipfile.ZIP_STORED:
                    yield Part(info.filename, partial(archive.open, info))
    elif head.startswith(b"\x1f\x8b"):
        yield Part("", lambda: gzip.GzipFile(fileobj=_from_start(file)))
    elif head.startswith(b"BZh"):
        yield Part("", lambda: bz2.BZ2File(_from_start(file)))
    elif head.startswith((b"\xfd7zXZ\0", b"]\0\0")):
        yield Part("", lambda: lzma.LZMAFile(_from_start(file)))  # noqa: SIM115  # closes nothing, as the others
    elif head[:2] in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        yield Part("", lambda: _Zlib(_from_start(file)))


def _from_start(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


class _Zlib:
    """A bare zlib stream, as joblib writes; the standard library has no file for it."""

    def __init__(self, file: Readable) -> None:
        self._file, self._stream = file, zlib.decompressobj()

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none at the end."""
        while not self._stream.eof:
            data = self._stream.unconsumed_tail or self._file.read(1 << 16)
            out = self._stream.decompress(data, size)
            if out or not data:
                return out
        return b""


def pieces(stream: Readable, most: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of at most `most` bytes of a stream, each with its place; one begins with the end of the one before."""
    at, kept = 0, b""
    while at < most:
        fresh = stream.read(min(PIECE, most - at))
        if not fresh:
            return
        yield at - len(kept), _plain(kept + fresh) if at == 0 else kept + fresh
        at += len(fresh)
        kept = fresh[-_OVERLAP:]


def _plain(data: bytes) -> bytes:
    """Text that says it is UTF-16, in UTF-8."""
    return data.decode("utf-16", "replace").encode() if data.startswith(_UTF16) else data

"""What is in the layers of a base, by the names of members and the heads of a few files; nothing is unpacked."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from trimtab.bundle.image.elf import HEAD, machine_of

__all__ = ["Found", "LayerError", "scan"]

_PYTHON: Final = re.compile(r"usr/(?:local/)?bin/python3\.(\d+)")
_LIBC: Final = re.compile(r"libc\.so\.6|libc-2\.\d+\.so")
_RELEASE: Final = re.compile(rb"release version 2\.(\d+)")
_LARGEST: Final = 64 * 2**20  # bytes of a C library; no real one comes near
_STEP: Final = 1 << 20


class LayerError(Exception):
    """The layer cannot be read."""


@dataclass(slots=True)
class Found:
    """Interpreters by path, with the machine of each (empty for a link), the minor version of glibc 2, whether musl."""

    pythons: dict[str, str] = field(default_factory=dict)
    glibc: int = 0
    musl: bool = False


def scan(pieces: Iterable[bytes], found: Found) -> str:
    """Add what one layer shows to what those below it did, and take away what it hides; returns its diff id."""
    plain = _Plain(pieces)
    try:
        with tarfile.open(fileobj=io.BufferedReader(plain, _STEP), mode="r|") as tar:
            for member in tar:
                _note(tar, member, found)
        while plain.read(_STEP):
            pass  # what follows the end of the archive counts for its digest
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise LayerError(str(error)) from None
    return f"sha256:{plain.digest.hexdigest()}"


def _note(tar: tarfile.TarFile, member: tarfile.TarInfo, found: Found) -> None:
    path = PurePosixPath(member.name.removeprefix("./").lstrip("/"))
    if path.name.startswith(".wh."):
        hidden = str(path.parent if path.name == ".wh..wh..opq" else path.with_name(path.name.removeprefix(".wh.")))
        found.pythons = {
            name: machine for name, machine in found.pythons.items() if not f"{name}/".startswith(f"{hidden}/")
        }
    elif _PYTHON.fullmatch(str(path)):
        file = tar.extractfile(member) if member.isreg() else None
        found.pythons[str(path)] = machine_of(file.read(HEAD)) if file else ""
    elif _LIBC.fullmatch(path.name) and member.isreg() and member.size <= _LARGEST:
        file = tar.extractfile(member)
        if file and (release := _RELEASE.search(file.read())):
            found.glibc = int(release[1])
    elif path.name.startswith("ld-musl-"):
        found.musl = True


class _Plain(io.RawIOBase):
    """The uncompressed bytes of a layer, gzip or not, as a file that is read once from front to back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._pieces = _inflated(iter(pieces))
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer, as io hands it in
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self.digest.update(piece)
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if first.startswith(b"\x28\xb5\x2f\xfd"):
        raise LayerError("it is packed with zstd, which is not read here")
    if not first.startswith(b"\x1f\x8b"):
        yield first
        yield from pieces
        return
    inflate, rest = zlib.decompressobj(zlib.MAX_WBITS | 16), first
    while True:
        while rest:
            yield inflate.decompress(rest, _STEP)
            rest = inflate.unconsumed_tail
            if inflate.eof:
                rest, inflate = inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(zlib.MAX_WBITS | 16)
        following = next(pieces, None)
        if following is None:
            return
        rest = following

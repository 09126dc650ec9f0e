"""Searches one file, whatever it is, within a budget of bytes and seconds."""

from __future__ import annotations

import lzma
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trimtab.bundle.secrets.scan import is_text, scan
from trimtab.bundle.secrets.streams import Readable, parts_of, pieces

__all__ = ["Budget", "Found", "look"]

_BARE: Final = (
    "", ".cfg", ".conf", ".credentials", ".env", ".ini", ".properties", ".tfvars", ".toml", ".yaml", ".yml",
)  # fmt: skip
_BROKEN: Final = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


@dataclass(frozen=True, slots=True)
class Found:
    """A secret by its place, `name:line` in text and `name, byte N` elsewhere; what it is; how all such begin."""

    where: str
    kind: str
    shown: str


@dataclass(slots=True)
class Budget:
    """What a search may cost. Files that it did not reach to their end are in `cut`.

    seconds, until: from the first look on, by the clock; bytes: of one file or member.
    """

    bytes: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    cut: list[str] = field(default_factory=list)
    _until: float = 0.0

    def is_spent(self) -> bool:
        """Whether no time is left."""
        self._until = self._until or self.clock() + self.seconds
        return self.clock() > self._until


def look(path: Path, name: str, budget: Budget, *, unpack: bool = True) -> list[Found]:
    """The secrets in a file, called `name`; a link is not followed, what cannot be read holds nothing.

    unpack: whether members of containers are searched as well.
    """
    found: list[Found] = []
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            for part in parts_of(file):
                place = f"{name}!{part.member}" if part.member else name
                found += _search(part.open(), place, budget)
                if not unpack:
                    break
    except RuntimeError:  # a member that is encrypted, or compressed in a way that Python does not know
        budget.cut.append(name)
    except _BROKEN:
        pass  # no container after all, or no whole one: it was searched as it is
    return list(dict.fromkeys(found))


def _search(stream: Readable, name: str, budget: Budget) -> Iterator[Found]:
    """Searches piece by piece; a secret in the overlap of two is told once."""
    text, bare = True, Path(name.rpartition("!")[2]).suffix.lower() in _BARE
    lines, end = 1, 0
    for at, data in pieces(stream, budget.bytes):
        text = is_text(data) if at == 0 else text
        lines -= data.count(b"\n", 0, max(0, end - at))
        last = 0
        for hit in scan(data, text=text, bare=bare):
            lines += data.count(b"\n", last, hit.at)
            last = hit.at
            yield Found(f"{name}:{lines}" if text else f"{name}, byte {at + hit.at}", hit.kind, hit.shown)
        lines += data.count(b"\n", last)
        end = at + len(data)
        if budget.is_spent():
            budget.cut.append(name)
            return
    if end >= budget.bytes:
        budget.cut.append(name)

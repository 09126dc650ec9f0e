"""What of a fetch need not travel again: files that the store has, and blobs of a pull that was cut off.

`partial/<hex>` in the store is a blob on its way, locked while it is written. Nothing there is trusted: whoever reads
it verifies it, as if it came from the registry.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from trimtab.bundle.files import digest_file
from trimtab.bundle.oci.blobs import Source, file_pieces
from trimtab.bundle.oci.spec import INDEX, MANIFEST, Descriptor

__all__ = ["PARTIAL", "Keeping", "Ranged", "sweep"]

PARTIAL: Final = "partial"  # in the store

_LEAST: Final = 1 << 20  # bytes of a blob worth keeping: a smaller one is there again sooner than it is looked for
_OLD_S: Final = 7 * 24 * 3600.0
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_CHUNK: Final = 1 << 20


class Ranged(Source, Protocol):
    """A `Source` that can go on in the middle of a blob."""

    def read_from(self, descriptor: Descriptor, start: int) -> Iterator[bytes]:
        """As `read`, without the bytes before that one."""


class Keeping:
    """A `Source` over another one; `fetched` and `spared` count the bytes that came from there, and that did not."""

    def __init__(self, source: Ranged, folder: Path, at_hand: Mapping[str, Path]) -> None:
        """folder: for blobs on their way, made when there is one; at_hand: files of other bundles by their digest."""
        self._source, self._folder, self._at_hand = source, folder, at_hand
        self._touched: set[Path] = set()
        self.fetched = 0
        self.spared = 0

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`."""
        return self._source.resolve(reference)

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        if descriptor.media_type in (MANIFEST, INDEX):
            yield from self._source.read(descriptor)
            return
        if (path := self._at_hand.get(descriptor.digest)) is not None and _is(path, descriptor):
            self.spared += descriptor.size
            self._touched.add(self._way(descriptor))  # what a pull left that was killed when it was all but done
            yield from file_pieces(path)
            return
        if descriptor.size < _LEAST:
            yield from self._counted(descriptor, 0)
            return
        with self._partial(descriptor) as file:
            yield from self._counted(descriptor, 0) if file is None else self._through(file, descriptor)

    def done(self, now_s: float) -> None:
        """The blobs are where they belong: forget them, and what others left a week ago. now_s: since 1970."""
        for path in self._touched:
            path.unlink(missing_ok=True)
        sweep(self._folder, now_s)

    def _counted(self, descriptor: Descriptor, start: int) -> Iterator[bytes]:
        for piece in self._source.read_from(descriptor, start):
            self.fetched += len(piece)
            yield piece

    @contextmanager
    def _partial(self, descriptor: Descriptor) -> Iterator[BinaryIO | None]:
        """The file of a blob on its way; None while another process writes it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._way(descriptor)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(handle, "r+b") as file:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            self._touched.add(path)
            yield file

    def _way(self, descriptor: Descriptor) -> Path:
        return self._folder / descriptor.digest.removeprefix("sha256:")

    def _through(self, file: BinaryIO, descriptor: Descriptor) -> Iterator[bytes]:
        """What the file has, then the rest, which it gets; it is emptied where it turns out to be something else."""
        if os.fstat(file.fileno()).st_size > descriptor.size:
            file.truncate(0)
        digest = hashlib.sha256()
        while piece := file.read(_CHUNK):
            digest.update(piece)
            self.spared += len(piece)
            yield piece
        for piece in self._counted(descriptor, file.tell()):
            file.write(piece)
            file.flush()
            digest.update(piece)
            yield piece
        if f"sha256:{digest.hexdigest()}" != descriptor.digest:
            file.truncate(0)


def _is(path: Path, descriptor: Descriptor) -> bool:
    """Whether the file is whole; the disk may have damaged it since it was stored."""
    try:
        found = digest_file(path)
    except OSError:
        return False
    return (f"sha256:{found.sha256}", found.size) == (descriptor.digest, descriptor.size)


def sweep(folder: Path, now_s: float, *, dry_run: bool = False) -> int:
    """Remove blobs on their way that nobody went on with for a week; bytes freed. dry_run: remove nothing."""
    freed = 0
    with suppress(OSError):
        for path in folder.iterdir():
            if _HEX.fullmatch(path.name) and now_s - path.stat().st_mtime > _OLD_S:
                freed += path.stat().st_size
                if not dry_run:
                    path.unlink(missing_ok=True)
        if not dry_run:
            folder.rmdir()
    return freed

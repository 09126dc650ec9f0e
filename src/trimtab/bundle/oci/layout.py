"""An OCI image layout in a folder: `oci-layout`, `index.json`, `blobs/sha256/<hex>`. A blob is there whole, or not."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.files import Entry, walk
from trimtab.bundle.incoming import whole_file
from trimtab.bundle.oci.blobs import MOST, file_pieces, small_file
from trimtab.bundle.oci.entries import INDEX_FILE, LAYOUT, LAYOUT_FILE, REF_NAME, check_layout, entry_called, index_of
from trimtab.bundle.oci.spec import (
    DIGEST,
    LARGEST_DOCUMENT,
    MANIFEST,
    Descriptor,
    Index,
    decode_index,
    decode_manifest,
)
from trimtab.core.errors import Problem, UserError

__all__ = ["LAYOUT", "REF_NAME", "Layout"]

_BLOBS: Final = "blobs/sha256/"


class Layout:
    """A folder that content is read from and written to; a `Source` and a `Sink`."""

    def __init__(self, root: Path) -> None:
        """Nothing is looked at or made yet."""
        self.root = root
        self._blobs = root / "blobs" / "sha256"

    @property
    def where(self) -> str:
        """The folder, as messages name it."""
        return str(self.root)

    def index_data(self) -> bytes:
        """The bytes of `index.json`; UserError P211 where it is no layout, P210 for one of another version."""
        check_layout(self._small(LAYOUT_FILE), self.where)
        return self._small(INDEX_FILE)

    def index(self) -> Index:
        """All that the layout names; UserError as `index_data`."""
        return decode_index(self.index_data(), str(self.root / INDEX_FILE))

    def held(self) -> frozenset[str]:
        """The digests of all blobs that are there; UserError P213 naming what no layout has, links among it."""
        digests, odd = set(), []
        for entry in self._entries():
            digest = f"sha256:{entry.name.removeprefix(_BLOBS)}"
            if entry.kind == "file" and entry.name.startswith(_BLOBS) and DIGEST.fullmatch(digest):
                digests.add(digest)
            elif (entry.name, entry.kind) not in _FRAME:
                odd.append(f"{entry.name[:200]!r} ({entry.kind}) is no member of an OCI layout")
        if odd:
            raise UserError(*(Problem("P213", what, self.where) for what in odd[:20]))
        return frozenset(digests)

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`; an empty reference is the only entry there is."""
        return entry_called(self.index(), reference, self.where)

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        try:
            yield from file_pieces(self._path(descriptor))
        except OSError as error:
            what = f"blob cannot be read: {error.strerror}"
            raise UserError(Problem("P211", what, f"{self.root} {descriptor.digest}")) from None

    def has(self, descriptor: Descriptor) -> bool:
        """As `Sink`; the size is looked at, not the content."""
        path = self._path(descriptor)
        return path.is_file() and not path.is_symlink() and path.stat().st_size == descriptor.size

    def write(self, descriptor: Descriptor, pieces: Iterable[bytes]) -> None:
        """As `Sink`."""
        path = self._path(descriptor)
        self._blobs.mkdir(parents=True, exist_ok=True)
        _replace(path, pieces)

    def tag(self, descriptor: Descriptor, data: bytes, tag: str) -> None:
        """As `Sink`; the index then names it, and nothing else by that tag. What has a subject it names in any case."""
        if not self.has(descriptor):
            self.write(descriptor, [data])
        is_about = descriptor.media_type == MANIFEST and decode_manifest(data, descriptor.digest).subject is not None
        if not tag and not is_about:
            return
        label = {REF_NAME: tag} if tag else {}
        named = msgspec.structs.replace(descriptor, annotations={**descriptor.annotations, **label})
        with self._alone():
            before = self.index().manifests if (self.root / INDEX_FILE).exists() else ()
            if named in before:
                return
            kept = [one for one in before if not (tag and one.annotations.get(REF_NAME) == tag)]
            _replace(self.root / LAYOUT_FILE, [LAYOUT])
            _replace(self.root / INDEX_FILE, [index_of((*kept, named))])

    def _entries(self) -> tuple[Entry, ...]:
        try:
            return tuple(islice(walk(self.root), MOST + 10))
        except OSError as error:
            raise UserError(Problem("P211", f"cannot be read: {error.strerror}", str(error.filename))) from None

    def _small(self, name: str) -> bytes:
        try:
            return small_file(self.root / name, LARGEST_DOCUMENT)
        except OSError as error:
            what = f"`{self.root}` is no OCI layout: `{name}`: {error.strerror}"
            raise UserError(Problem("P211", what, str(self.root / name))) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The only one, over all processes, that changes the index; the lock is on the folder and leaves no file."""
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _path(self, descriptor: Descriptor) -> Path:
        if not DIGEST.fullmatch(descriptor.digest):
            raise UserError(Problem("P210", f"{descriptor.digest[:100]!r} is no SHA-256 digest", self.where))
        return self._blobs / descriptor.digest.removeprefix("sha256:")


_FRAME: Final = {
    (LAYOUT_FILE, "file"), (INDEX_FILE, "file"), ("blobs", "folder"), (_BLOBS.rstrip("/"), "folder"),
}  # fmt: skip


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file whole and on the disk, or not at all."""
    with whole_file(path) as file:
        file.writelines(pieces)

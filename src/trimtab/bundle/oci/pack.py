"""Writes OCI content as one archive: the same bytes for the same content, wherever and whenever it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from trimtab.bundle.incoming import whole_file
from trimtab.bundle.oci.blobs import Source, everything, verified
from trimtab.bundle.oci.entries import INDEX_FILE, LAYOUT, LAYOUT_FILE, REF_NAME, index_of
from trimtab.bundle.oci.spec import Descriptor
from trimtab.bundle.oci.tar import END, LARGEST_MEMBER, header, padding
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["Content", "Written", "write_archive"]


@dataclass(frozen=True, slots=True)
class Content:
    """A manifest or index to be carried, with all it names; an empty tag leaves it without a name."""

    source: Source
    root: Descriptor
    tag: str = ""

    @property
    def entry(self) -> Descriptor:
        """What `index.json` says of it."""
        annotations = {**self.root.annotations, **({REF_NAME: self.tag} if self.tag else {})}
        return msgspec.structs.replace(self.root, annotations=annotations)


@dataclass(frozen=True, slots=True)
class Written:
    """An archive: its size in bytes, and its own digest, `sha256:<hex>`."""

    size: int
    digest: str


def write_archive(contents: Sequence[Content], path: Path) -> Written:
    """Write what is carried into a file, whole or not at all; every blob is verified on its way.

    OutsideError P214 where the file cannot be written, UserError P212 for content that is not what its digest says.
    """
    blobs = {
        one.digest: (content.source, one) for content in contents for one, _ in everything(content.source, content.root)
    }
    large = [one for _, one in blobs.values() if one.size > LARGEST_MEMBER]
    if large:
        hint = "carry it as a folder, or through a registry"
        what = f"blobs of more than {LARGEST_MEMBER} bytes have no place in a tar archive"
        raise UserError(*(Problem("P213", what, one.digest, hint) for one in large))
    try:
        return _written(blobs, index_of(tuple(content.entry for content in contents)), path)
    except OSError as error:
        raise OutsideError(Problem("P214", f"cannot be written: {error.strerror or error}", str(path))) from None


def _written(blobs: dict[str, tuple[Source, Descriptor]], index: bytes, path: Path) -> Written:
    with whole_file(path) as file:
        tar = _Tar(file)
        tar.folder("blobs/")
        tar.folder("blobs/sha256/")
        for digest, (source, one) in sorted(blobs.items()):
            pieces = verified(one, source.read(one))
            tar.file(f"blobs/sha256/{digest.removeprefix('sha256:')}", one.size, pieces)
        tar.file(INDEX_FILE, len(index), [index])
        tar.file(LAYOUT_FILE, len(LAYOUT), [LAYOUT])
        tar.put(END)
    return Written(tar.size, f"sha256:{tar.sha256.hexdigest()}")


class _Tar:
    """Members, one after the other, into a file; what was written is counted and digested."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def folder(self, name: str) -> None:
        self.put(header(name, 0, folder=True))

    def file(self, name: str, size: int, pieces: Iterable[bytes]) -> None:
        self.put(header(name, size))
        for piece in pieces:
            self.put(piece)
        self.put(bytes(padding(size)))

    def put(self, data: bytes) -> None:
        self._file.write(data)
        self.sha256.update(data)
        self.size += len(data)

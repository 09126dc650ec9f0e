"""An OCI image layout in one plain tar file, read where it lies: an index of its members, and the one open file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trimtab.bundle.oci.entries import INDEX_FILE, LAYOUT_FILE, check_layout, entry_called
from trimtab.bundle.oci.spec import LARGEST_DOCUMENT, Descriptor, Index, decode_index
from trimtab.bundle.oci.tar import Member, read_members
from trimtab.core.closing import Closing
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["Archive"]

_CHUNK: Final = 1 << 20
_BLOBS: Final = "blobs/sha256/"


class Archive(Closing):
    """A `Source` over a tar file, open until it is closed: what is read is of the file that was opened.

    Only headers are looked at when it is opened; UserError P213 naming the member that is wrong, P211 for no file.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file and reads the headers of its members."""
        self.where = str(path)
        try:
            # a pipe under that name must not make us wait
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise UserError(Problem("P211", f"`{path}` cannot be opened: {error.strerror}", self.where)) from None
        try:
            self._members = read_members(self._at, self._size(), self.where)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Nothing can be read any more."""
        os.close(self._file)

    def index_data(self) -> bytes:
        """The bytes of `index.json`; UserError P211 where there is none, P210 for a layout of another version."""
        check_layout(self._small(LAYOUT_FILE), self.where)
        return self._small(INDEX_FILE)

    def index(self) -> Index:
        """All that the archive names; UserError as `index_data`."""
        return decode_index(self.index_data(), f"{self.where} {INDEX_FILE}")

    def held(self) -> frozenset[str]:
        """The digests of all blobs that are there."""
        return frozenset(f"sha256:{name.removeprefix(_BLOBS)}" for name in self._members if name.startswith(_BLOBS))

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`; an empty reference is the only entry there is."""
        return entry_called(self.index(), reference, self.where)

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        return self._pieces(self._member(_BLOBS + descriptor.digest.removeprefix("sha256:")))

    def _size(self) -> int:
        found = os.fstat(self._file)
        if not stat.S_ISREG(found.st_mode):
            raise UserError(Problem("P213", "is no regular file", self.where))
        return found.st_size

    def _pieces(self, member: Member) -> Iterator[bytes]:
        at, end = member.offset, member.offset + member.size
        # a file that was cut since gives fewer bytes, which `verified` sees
        while at < end and (piece := self._at(at, min(_CHUNK, end - at))):
            yield piece
            at += len(piece)

    def _member(self, name: str) -> Member:
        if name not in self._members:
            raise UserError(Problem("P211", f"has no {name!r}", self.where))
        return self._members[name]

    def _small(self, name: str) -> bytes:
        member = self._member(name)
        if member.size > LARGEST_DOCUMENT:
            what = f"{name!r} has {member.size} bytes, at most {LARGEST_DOCUMENT} are read"
            raise UserError(Problem("P213", what, self.where))
        return b"".join(self._pieces(member))

    def _at(self, offset: int, length: int) -> bytes:
        try:
            return os.pread(self._file, length, offset)
        except OSError as error:
            raise OutsideError(Problem("P214", f"cannot be read: {error.strerror or error}", self.where)) from None

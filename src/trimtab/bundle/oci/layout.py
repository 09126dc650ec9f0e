"""An OCI image layout in a folder: `oci-layout`, `index.json`, `blobs/sha256/<hex>`. A blob is there whole, or not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.oci.blobs import file_pieces
from trimtab.bundle.oci.spec import DIGEST, INDEX, LARGEST_DOCUMENT, Descriptor, Index, decode_index, document
from trimtab.core.errors import Problem, UserError

__all__ = ["LAYOUT", "REF_NAME", "Layout"]

LAYOUT: Final = b'{"imageLayoutVersion":"1.0.0"}\n'
REF_NAME: Final = "org.opencontainers.image.ref.name"


class Layout:
    """A folder that content is read from and written to; a `Source` and a `Sink`."""

    def __init__(self, root: Path) -> None:
        """Nothing is looked at or made yet."""
        self.root = root
        self._blobs = root / "blobs" / "sha256"

    def index(self) -> Index:
        """All that the layout names; UserError P211 where it is no layout."""
        path = self.root / "index.json"
        try:
            data = path.read_bytes() if path.stat().st_size <= LARGEST_DOCUMENT else b""
        except OSError as error:
            what = f"`{self.root}` is no OCI layout: {error.strerror}"
            raise UserError(Problem("P211", what, str(path))) from None
        return decode_index(data, str(path))

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`; an empty reference is the only entry there is."""
        entries = self.index().manifests
        found = [
            one for one in entries
            if reference in ("", one.digest) or one.annotations.get(REF_NAME) == reference
        ]  # fmt: skip
        if len(found) != 1:
            names = ", ".join(sorted({f"`{one.annotations.get(REF_NAME, one.digest)}`" for one in entries})[:10])
            what = f"{'several entries' if found else 'nothing'} called `{reference}`"
            raise UserError(Problem("P211", what, str(self.root), f"it has {names or 'nothing'}"))
        return found[0]

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        try:
            yield from file_pieces(self._path(descriptor))
        except OSError as error:
            what = f"blob cannot be read: {error.strerror}"
            raise UserError(Problem("P211", what, f"{self.root} {descriptor.digest}")) from None

    def has(self, descriptor: Descriptor) -> bool:
        """As `Sink`."""
        path = self._path(descriptor)
        return path.is_file() and not path.is_symlink() and path.stat().st_size == descriptor.size

    def write(self, descriptor: Descriptor, pieces: Iterable[bytes]) -> None:
        """As `Sink`."""
        self._blobs.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._blobs, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            Path(name).rename(self._path(descriptor))
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    def tag(self, descriptor: Descriptor, data: bytes, tag: str) -> None:
        """As `Sink`; the index then names it, and nothing else by that tag."""
        if not self.has(descriptor):
            self.write(descriptor, [data])
        if not tag:
            return
        before = self.index().manifests if (self.root / "index.json").exists() else ()
        named = msgspec.structs.replace(descriptor, annotations={**descriptor.annotations, REF_NAME: tag})
        kept = [one for one in before if one.annotations.get(REF_NAME) != tag]
        self._replace("oci-layout", LAYOUT)
        self._replace("index.json", document(Index(schema_version=2, media_type=INDEX, manifests=(*kept, named))))

    def _replace(self, name: str, data: bytes) -> None:
        handle, draft = tempfile.mkstemp(dir=self.root, prefix=".")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(draft).rename(self.root / name)

    def _path(self, descriptor: Descriptor) -> Path:
        if not DIGEST.fullmatch(descriptor.digest):
            raise UserError(Problem("P210", f"{descriptor.digest[:100]!r} is no SHA-256 digest", str(self.root)))
        return self._blobs / descriptor.digest.removeprefix("sha256:")

"""Where OCI content comes from and goes to: two small Protocols, a layout on disk that is both, and what is moved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from trimtab.bundle.oci.spec import (
    INDEX,
    LARGEST_DOCUMENT,
    MANIFEST,
    Descriptor,
    decode_index,
    decode_manifest,
)
from trimtab.core.errors import Problem, UserError

__all__ = ["Copied", "Sink", "Source", "copy", "verified"]

_CHUNK: Final = 1 << 20


class Source(Protocol):
    """Reads content by digest."""

    def resolve(self, reference: str) -> Descriptor:
        """The manifest or index that a tag or a digest names; UserError P211 for none."""

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """The content in pieces; nothing is checked here, `verified` does it. UserError P211 for what is not there."""


class Sink(Protocol):
    """Takes content by digest; what it has already it need not be given."""

    def has(self, descriptor: Descriptor) -> bool:
        """Whether it is there, whole."""

    def write(self, descriptor: Descriptor, pieces: Iterable[bytes]) -> None:
        """Keep a blob: whole, or not at all. The pieces raise when they are not what the descriptor says."""

    def tag(self, descriptor: Descriptor, data: bytes, tag: str) -> None:
        """Keep a manifest or index, all of whose blobs are there; an empty tag leaves it without a name."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was moved: bytes and blobs that travelled, and those that were there already."""

    sent: int = 0
    blobs: int = 0
    spared: int = 0

    def __add__(self, other: Copied) -> Copied:
        """Both together."""
        return Copied(self.sent + other.sent, self.blobs + other.blobs, self.spared + other.spared)


def verified(descriptor: Descriptor, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as they come; UserError P212 as soon as they are longer than they should be, or at the end differ."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        size += len(piece)
        if size > descriptor.size:
            raise UserError(Problem("P212", f"has more than the {descriptor.size} bytes it should", descriptor.digest))
        digest.update(piece)
        yield piece
    if size != descriptor.size:
        raise UserError(Problem("P212", f"has {size} bytes, should have {descriptor.size}", descriptor.digest))
    if f"sha256:{digest.hexdigest()}" != descriptor.digest:
        what = f"the content has the digest sha256:{digest.hexdigest()}"
        raise UserError(Problem("P212", what, descriptor.digest, "fetch it again; it was changed on its way"))


def read_document(source: Source, descriptor: Descriptor) -> bytes:
    """The bytes of a manifest, index or config, verified; UserError P212, also for one that is too long."""
    if descriptor.size > LARGEST_DOCUMENT:
        what = f"a document of {descriptor.size} bytes, at most {LARGEST_DOCUMENT} are read"
        raise UserError(Problem("P212", what, descriptor.digest))
    return b"".join(verified(descriptor, source.read(descriptor)))


def copy(
    source: Source,
    root: Descriptor,
    sink: Sink,
    tag: str = "",
    tell: Callable[[Descriptor, bool], None] = lambda *_: None,
) -> Copied:
    """Move a manifest or index with everything it names; what the sink has does not travel.

    tell: is told each blob, and whether it travelled.
    """
    data = read_document(source, root)
    moved = Copied()
    match root.media_type:
        case t if t == INDEX:
            for one in decode_index(data, root.digest).manifests:
                moved += copy(source, one, sink, tell=tell)
        case t if t == MANIFEST:
            manifest = decode_manifest(data, root.digest)
            for blob in {one.digest: one for one in (manifest.config, *manifest.layers)}.values():
                moved += _copy_blob(source, blob, sink, tell)
        case other:
            raise UserError(
                Problem("P210", f"media type `{other[:100]}` is neither a manifest nor an index", root.digest)
            )
    sink.tag(root, data, tag)
    return moved


def _copy_blob(source: Source, blob: Descriptor, sink: Sink, tell: Callable[[Descriptor, bool], None]) -> Copied:
    if sink.has(blob):
        tell(blob, False)
        return Copied(spared=blob.size)
    sink.write(blob, verified(blob, source.read(blob)))
    tell(blob, True)
    return Copied(blob.size, 1)


def file_pieces(path: Path) -> Iterator[bytes]:
    """A file's content; OSError for a link, so that nothing outside is ever read."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        while piece := file.read(_CHUNK):
            yield piece

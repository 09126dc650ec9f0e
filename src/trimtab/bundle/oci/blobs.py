"""Where OCI content comes from and goes to: two small Protocols, a layout on disk that is both, and what is moved."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
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

__all__ = [
    "MOST", "Copied", "Sink", "Source", "copy", "everything", "file_pieces", "read_document", "small_file", "verified",
]  # fmt: skip

MOST: Final = 20_000  # documents and blobs below one document, and members of an archive
_DEEPEST: Final = 4
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


def everything(source: Source, root: Descriptor) -> Iterator[tuple[Descriptor, bytes | None]]:
    """All that a manifest or index names, then itself, each once: documents with their verified bytes, blobs without.

    UserError P210 for what is nested or counts beyond any use, so that a forged document costs no more than that.
    """
    seen: set[tuple[str, int]] = set()

    def new(one: Descriptor) -> bool:
        known = (one.digest, one.size) in seen
        seen.add((one.digest, one.size))
        if len(seen) > MOST:
            raise UserError(Problem("P210", f"more than {MOST} documents and blobs belong to it", root.digest))
        return not known

    def below(document: Descriptor, depth: int) -> Iterator[tuple[Descriptor, bytes | None]]:
        if depth > _DEEPEST:
            raise UserError(Problem("P210", f"indexes nested more than {_DEEPEST} deep", document.digest))
        data = read_document(source, document)
        match document.media_type:
            case t if t == INDEX:
                for one in filter(new, decode_index(data, document.digest).manifests):
                    yield from below(one, depth + 1)
            case t if t == MANIFEST:
                manifest = decode_manifest(data, document.digest)
                yield from ((blob, None) for blob in filter(new, (manifest.config, *manifest.layers)))
            case other:
                what = f"media type {other[:100]!r} is neither a manifest nor an index"
                raise UserError(Problem("P210", what, document.digest))
        yield document, data

    return below(root, 0)


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
    moved = Copied()
    for one, data in everything(source, root):
        if data is None:
            moved += _copy_blob(source, one, sink, tell)
        else:
            sink.tag(one, data, tag if one.digest == root.digest else "")
    return moved


def _copy_blob(source: Source, blob: Descriptor, sink: Sink, tell: Callable[[Descriptor, bool], None]) -> Copied:
    if sink.has(blob):
        tell(blob, False)
        return Copied(spared=blob.size)
    sink.write(blob, _Content(source, blob))
    tell(blob, True)
    return Copied(blob.size, 1)


@dataclass(frozen=True, slots=True)
class _Content:
    """A blob's verified pieces, from the start each time: a registry may lose what it was sent of an upload."""

    source: Source
    blob: Descriptor

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, and what `verified` raises."""
        return verified(self.blob, self.source.read(self.blob))


def file_pieces(path: Path) -> Iterator[bytes]:
    """A file's content; OSError for a link, so that nothing outside is ever read, and for what is no plain file."""
    # a pipe that somebody put there must not make us wait for its writer
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        while piece := file.read(_CHUNK):
            yield piece


def small_file(path: Path, most: int) -> bytes:
    """The content of a file of at most so many bytes; OSError as `file_pieces`, and for one that is longer."""
    data = bytearray()
    for piece in file_pieces(path):
        data += piece
        if len(data) > most:
            raise OSError(errno.EFBIG, f"has more than {most} bytes", str(path))
    return bytes(data)

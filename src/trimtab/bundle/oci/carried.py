"""A bundle from outside, in whichever of three forms it comes: its folder, an OCI layout, an archive of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.artifact import BundleSource, unpack
from trimtab.bundle.oci.blobs import Source
from trimtab.bundle.oci.contents import Image, Shelf, contents_of
from trimtab.bundle.oci.entries import INDEX_FILE, LAYOUT_FILE
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import Descriptor
from trimtab.bundle.read import MANIFEST, Bundle, open_bundle
from trimtab.bundle.receiving import Trust, receive
from trimtab.bundle.reference import DIGEST
from trimtab.bundle.store import Store
from trimtab.core.errors import Problem, UserError

__all__ = ["Carried", "carried", "take"]


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the bundle's content is read from, its artifact manifest, and documents about it.

    expected: the digest that its place says it has, or empty.
    """

    source: Source
    root: Descriptor
    evidence: tuple[Evidence, ...] = ()
    expected: str = ""
    images: tuple[Image, ...] = ()


@contextmanager
def carried(path: Path) -> Iterator[Carried]:
    """What is at the path, open while the block runs; the form is told by what is there, and no other is tried.

    UserError naming what is wrong with it; the bundle's files are verified when they are unpacked.
    """
    try:
        there = {one.name for one in path.iterdir()} if path.is_dir() else None
    except OSError as error:
        raise UserError(Problem("P211", f"`{path}` cannot be read: {error.strerror}", str(path))) from None
    if there is None:
        with Archive(path) as archive:
            yield _of(archive)
    elif MANIFEST not in there and there & {LAYOUT_FILE, INDEX_FILE}:
        yield _of(Layout(path))
    else:
        yield _of_bundle(path)


def take(
    path: Path, store: Store, trust: Trust, expected: str = "", judge: Callable[[Image], None] = lambda _: None
) -> tuple[Bundle, tuple[Evidence, ...]]:
    """Take the bundle at the path into the store, with the documents about it; UserError as `carried` and `receive`.

    expected: the digest that it must have, where that is known. judge: raises when an image that lies beside it, whole,
    may not be taken; images are put nowhere.
    """
    with carried(path) as found:
        for image in found.images:
            judge(image)
        digest = expected or found.expected
        bundle = receive(store, lambda folder: unpack(found.source, found.root, folder), found.evidence, trust, digest)
        return bundle, found.evidence


def _of_bundle(folder: Path) -> Carried:
    source = BundleSource(open_bundle(folder))
    named = f"sha256:{folder.resolve().name}"  # as a store calls its folders
    return Carried(source, source.root, expected=named if DIGEST.fullmatch(named) else "")


def _of(shelf: Shelf) -> Carried:
    found = contents_of(shelf)
    return Carried(shelf, found.root, found.evidence, images=found.images)

"""A bundle from outside, in whichever of three forms it comes: its folder, an OCI layout, an archive of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import Source
from trimtab.bundle.oci.contents import Shelf, contents_of
from trimtab.bundle.oci.entries import INDEX_FILE, LAYOUT_FILE
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import Descriptor
from trimtab.bundle.read import MANIFEST, open_bundle
from trimtab.bundle.reference import DIGEST

__all__ = ["Carried", "carried"]


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the bundle's content is read from, its artifact manifest, and documents about it.

    expected: the digest that its place says it has, or empty.
    """

    source: Source
    root: Descriptor
    evidence: tuple[Evidence, ...] = ()
    expected: str = ""


@contextmanager
def carried(path: Path) -> Iterator[Carried]:
    """What is at the path, open while the block runs; the form is told by what is there, and no other is tried.

    UserError naming what is wrong with it; the bundle's files are verified when they are unpacked.
    """
    if not path.is_dir():
        with Archive(path) as archive:
            yield _of(archive)
    elif not (path / MANIFEST).exists() and any((path / name).exists() for name in (LAYOUT_FILE, INDEX_FILE)):
        yield _of(Layout(path))
    else:
        source = BundleSource(open_bundle(path))
        named = f"sha256:{path.resolve().name}"  # as a store calls its folders
        yield Carried(source, source.root, expected=named if DIGEST.fullmatch(named) else "")


def _of(shelf: Shelf) -> Carried:
    found = contents_of(shelf)
    return Carried(shelf, found.root, found.evidence)

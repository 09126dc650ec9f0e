"""The image on disk: as an OCI layout, or as what other builders build it of."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.image.build import Built, deliver
from trimtab.bundle.image.containerfile import containerfile_of
from trimtab.bundle.oci.artifact import BundleSource, Documents
from trimtab.bundle.oci.blobs import Copied, Sink, copy, verified
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.opening import Terms, open_registry
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["write_archive_of", "write_context", "write_image", "write_layout"]

Said: TypeAlias = tuple[Evidence, ...]
_DIGITS: Final = 12  # of the digest, which name an image that gets no other name


def write_archive_of(built: Built, carried: BundleSource, file: Path, tag: str, said: Said = ()) -> int:
    """One file for a place without a network: the image under that tag, the bundle, what is said of both; its bytes."""
    documents = Documents(said, built.descriptor)
    others = [Content(carried, carried.root, carried.name), *(Content(carried, one) for one in carried.referrers)]
    others += [Content(documents, one) for one in documents.referrers]
    return write_archive([Content(built.source, built.descriptor, tag), *others], file).size


def write_image(built: Built, destination: str, terms: Terms, said: Said = ()) -> tuple[str, int]:
    """Push the image and what is said of it; where it is then, by digest, and the bytes that travelled.

    A tag is never moved (P239).
    """
    remote = parse_remote(destination)
    tag = remote.tag or built.descriptor.digest.removeprefix("sha256:")[:_DIGITS]
    registry = open_registry(remote, terms)
    moved = deliver(built, registry, tag) + _deliver_documents(built, said, registry)
    return f"{remote.registry}/{remote.repository}@{built.descriptor.digest}", moved.sent


def _deliver_documents(built: Built, said: Said, sink: Sink) -> Copied:
    documents, moved = Documents(said, built.descriptor), Copied()
    for one in documents.referrers:
        moved += copy(documents, one, sink)
    return moved


def write_layout(built: Built, folder: Path, tag: str, said: Said = ()) -> Copied:
    """Add the image and what is said of it to the layout in the folder, made where there is none.

    P279 where other things are.
    """
    if folder.exists() and not (folder / "index.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(Problem("P279", f"`{folder}` is there, and is no OCI layout", "--output", "name another place"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        layout = Layout(folder)
        return deliver(built, layout, tag) + _deliver_documents(built, said, layout)
    except OSError as error:
        raise _failed(error, folder) from None


def write_context(built: Built, folder: Path) -> int:
    """A `Containerfile` and the layers that it adds, packed, in an empty folder or over an older one; their bytes."""
    files = [f"{one.name}.tar.gz" for one in built.layers]
    name = f"{built.base.name.partition('@')[0]}@{built.base.descriptor.digest}" if built.base.name else ""
    text = str(containerfile_of(name, files, built.running))
    if folder.exists() and not (folder / "Containerfile").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        what = f"`{folder}` is there, and has no Containerfile of ours"
        raise UserError(Problem("P279", what, "--output", "name another place"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, layer in zip(files, built.layers, strict=True):
            with (folder / file).open("wb") as target:
                target.writelines(verified(layer.descriptor, built.source.read(layer.descriptor)))
        (folder / "Containerfile").write_text(text, "utf-8")
        return sum(one.descriptor.size for one in built.layers)
    except OSError as error:
        raise _failed(error, folder) from None


def _failed(error: OSError, folder: Path) -> OutsideError:
    where = error.filename if isinstance(error.filename, str) else str(folder)
    return OutsideError(Problem("P279", f"the image cannot be written: {error.strerror or error}", where))

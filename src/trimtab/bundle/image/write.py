"""The image on disk: as an OCI layout, or as what other builders build it of."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.bundle.image.build import Built, deliver
from trimtab.bundle.image.containerfile import containerfile_of
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import Copied, verified
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.opening import Terms, open_registry
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["write_archive_of", "write_context", "write_image", "write_layout"]

_DIGITS: Final = 12  # of the digest, which name an image that gets no other name


def write_archive_of(built: Built, carried: BundleSource, file: Path, tag: str) -> int:
    """One file for a place without a network: the image under that tag, the bundle, what is said of it; its bytes."""
    others = [Content(carried, carried.root, carried.name), *(Content(carried, one) for one in carried.referrers)]
    return write_archive([Content(built.source, built.descriptor, tag), *others], file).size


def write_image(built: Built, destination: str, terms: Terms) -> tuple[str, int]:
    """Push the image; where it is then, by digest, and the bytes that travelled. A tag is never moved (P239)."""
    remote = parse_remote(destination)
    tag = remote.tag or built.descriptor.digest.removeprefix("sha256:")[:_DIGITS]
    moved = deliver(built, open_registry(remote, terms), tag)
    return f"{remote.registry}/{remote.repository}@{built.descriptor.digest}", moved.sent


def write_layout(built: Built, folder: Path, tag: str) -> Copied:
    """Add the image to the layout in the folder, made where there is none; P279 where other things are."""
    if folder.exists() and not (folder / "index.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(Problem("P279", f"`{folder}` is there, and is no OCI layout", "--output", "name another place"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return deliver(built, Layout(folder), tag)
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

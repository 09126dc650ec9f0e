"""The image on disk: as an OCI layout, or as what other builders build it of."""

from __future__ import annotations

from pathlib import Path

from trimtab.bundle.image.build import Built, deliver
from trimtab.bundle.image.containerfile import containerfile_of
from trimtab.bundle.oci.blobs import Copied, verified
from trimtab.bundle.oci.layout import Layout
from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["write_context", "write_layout"]


def write_layout(built: Built, folder: Path, tag: str) -> Copied:
    """Add the image to the layout in the folder, made where there is none; P279 for a folder of other things."""
    if folder.exists() and not (folder / "index.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(Problem("P279", f"`{folder}` is there, and is no OCI layout", "--output", "name another place"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return deliver(built, Layout(folder), tag)
    except OSError as error:
        raise _failed(error, folder) from None


def write_context(built: Built, folder: Path) -> None:
    """A `Containerfile` and the layers that it adds, packed, in an empty folder or over an older one of the same."""
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
    except OSError as error:
        raise _failed(error, folder) from None


def _failed(error: OSError, folder: Path) -> OutsideError:
    where = error.filename if isinstance(error.filename, str) else str(folder)
    return OutsideError(Problem("P279", f"the image cannot be written: {error.strerror or error}", where))

"""Where a base comes from, by what was typed: a folder that is an OCI layout, with a tag behind a colon or without."""

from __future__ import annotations

from pathlib import Path

from trimtab.bundle.oci.blobs import Source
from trimtab.bundle.oci.layout import Layout
from trimtab.core.errors import Problem, UserError

__all__ = ["source_of"]


def source_of(reference: str) -> tuple[Source, str, str]:
    """The source, what to ask it for, and the base's name for others (empty: only this machine knows it).

    Raises UserError P273 where there is nothing of that name.
    """
    typed = reference.removeprefix("oci:")
    folder, _, tag = typed.rpartition(":")
    for path, wanted in ((typed, ""), (folder, tag)):
        if path and Path(path).is_dir():
            return Layout(Path(path)), wanted, ""
    hint = "a base is a folder with an OCI image layout: `skopeo copy docker://IMAGE oci:FOLDER` makes one"
    raise UserError(Problem("P273", f"there is no base `{reference}`", "--base", hint))

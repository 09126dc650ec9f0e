"""Writes the parts of a bundle into the folder that becomes it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.code.closure import Closure
from trimtab.bundle.code.local import Project
from trimtab.bundle.files import digest_folder
from trimtab.bundle.manifest import Manifest, encode
from trimtab.bundle.read import MANIFEST
from trimtab.core.errors import Problem, UserError

__all__ = ["code_places", "write_code", "write_manifest"]

_CODE: Final = "code"


def code_places(closure: Closure, data: Mapping[str, Path], project: Project) -> dict[str, Path]:
    """Every file below `code/` by its place there; data keep their place beside the modules of their folder.

    Raises UserError (P282) where a data file would take the place of another file.
    """
    places = dict(closure.files)
    problems = []
    for name, path in data.items():
        entry = max(filter(path.is_relative_to, project.entries), key=lambda folder: len(folder.parts))
        place = path.relative_to(entry).as_posix()
        if places.setdefault(place, path).resolve() != path.resolve():
            problems.append(Problem("P282", f"`{name}` and `{places[place]}` would both be `code/{place}`", "include"))
    if problems:
        raise UserError(*problems)
    return dict(sorted(places.items()))


def write_code(stage: Path, places: Mapping[str, Path]) -> None:
    """Copy the files byte for byte below `code/`, in place of what was there."""
    shutil.rmtree(stage / _CODE, ignore_errors=True)
    for place, path in places.items():
        target = stage / _CODE / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def write_manifest(stage: Path, manifest: Manifest) -> None:
    """Write `bundle.json`: the manifest, its `files` replaced by what lies in the folder."""
    complete = msgspec.structs.replace(manifest, files=digest_folder(stage))
    (stage / MANIFEST).write_bytes(encode(complete))

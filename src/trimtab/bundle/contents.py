"""Does a folder hold what a manifest says, and nothing else: names, kinds, sizes, digests. Nothing is parsed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trimtab.bundle.files import digest_file, name_faults, walk
from trimtab.bundle.manifest import FileEntry, Manifest
from trimtab.core.errors import Problem

__all__ = ["MANIFEST", "faults_of", "name_problems"]

MANIFEST: Final = "bundle.json"
_HINT: Final = "the bundle was changed after it was packaged: fetch or package it again"


def faults_of(folder: Path, manifest: Manifest, known: Mapping[str, FileEntry]) -> list[Problem]:
    """All that is wrong with names and contents; known: size and digest of files that need not be read again."""
    return [*name_problems(manifest), *_folder_problems(folder, manifest, known)]


def name_problems(manifest: Manifest) -> list[Problem]:
    """What is wrong with the names of the files: each must be safe, and one file, on any system."""
    faults, place = name_faults(manifest.files, beside=MANIFEST), f"{MANIFEST} `$.files`"
    return [Problem("P205", f"file name {name!r} {fault}", place) for name, fault in faults.items()]


def _folder_problems(folder: Path, manifest: Manifest, known: Mapping[str, FileEntry]) -> list[Problem]:
    """What is there and should not be, is not and should, or is there and differs."""
    missing = dict(manifest.files)
    folders = {str(parent) for name in manifest.files for parent in Path(name).parents}
    problems: list[Problem] = []
    for entry in walk(folder):
        if entry.name == MANIFEST or (entry.kind == "folder" and entry.name in folders):
            continue
        expected = missing.pop(entry.name, None)
        if entry.kind not in ("file", "folder"):
            what = "is a link" if entry.kind == "link" else "is no regular file"
            problems.append(_problem("P208", entry.name, what))
        elif expected is None or entry.kind == "folder":
            problems.append(_problem("P207", entry.name, "is not in the manifest"))
        else:
            problems += _content_problems(folder / entry.name, entry.name, expected, known.get(entry.name))
    return [*problems, *(_problem("P206", name, "is missing") for name in missing)]


def _content_problems(path: Path, name: str, expected: FileEntry, known: FileEntry | None) -> list[Problem]:
    try:
        size = path.stat().st_size
        if size != expected.size:
            found = FileEntry(sha256="", size=size)
        else:
            found = known if known is not None and known.size == size else digest_file(path)
    except OSError as error:
        return [_problem("P208", name, f"cannot be read: {error.strerror}")]
    if found.size != expected.size:
        return [_problem("P209", name, f"has {found.size} bytes, the manifest says {expected.size}")]
    if found.sha256 != expected.sha256:
        return [_problem("P209", name, f"has the SHA-256 {found.sha256}, the manifest says {expected.sha256}")]
    return []


def _problem(code: str, name: str, what: str) -> Problem:
    return Problem(code, f"`{name}` {what}", name, _HINT)

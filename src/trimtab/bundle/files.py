"""Files of a bundle: which relative names are safe on any system, what lies in a folder, and the digest of a file."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from trimtab.bundle.manifest import FileEntry

__all__ = ["Entry", "Kind", "clashes", "digest_file", "digest_folder", "name_fault", "name_faults", "walk"]

Kind: TypeAlias = Literal["file", "folder", "link", "special"]

_LONGEST: Final = 1024  # bytes of a relative name; well below what every platform and archive format takes
_LONGEST_PART: Final = 255
_DEEPEST: Final = 32  # parts; a forged list of names must not stand for millions of folders
_FORBIDDEN: Final = frozenset('\\:*?"<>|')  # separators, drives and wildcards of other systems
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing found in a folder; `name` is relative, with `/` on every platform."""

    name: str
    kind: Kind


def name_fault(name: str) -> str:
    """Why the relative name is not safe, or empty: it must mean the same file, inside the folder, everywhere."""
    if not name or name.startswith("/"):
        return "is not relative"
    if any(character in _FORBIDDEN or not character.isprintable() for character in name):
        return "holds a character that is not allowed in a name"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in Unicode normal form C"
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "has a part that is empty, `.` or `..`"
    if any(part.endswith((".", " ")) for part in parts):
        return "has a part that ends in a dot or a blank"
    if len(name.encode()) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return "is too long"
    if len(parts) > _DEEPEST:
        return f"has more than {_DEEPEST} parts"
    return ""


def name_faults(names: Iterable[str], beside: str) -> dict[str, str]:
    """Why names are not safe, or mean one file where upper and lower case are the same; only those, in their order.

    beside: a name that is taken already.
    """
    faults = {name: name_fault(name) for name in names}
    clashing = set(clashes([*(name for name, fault in faults.items() if not fault), beside]))
    same = "is another's name where upper and lower case are the same"
    return {name: fault or same for name, fault in faults.items() if fault or name in clashing}


def clashes(names: Iterable[str]) -> list[str]:
    """Names that are one file, or a file and a folder, where upper and lower case are the same; sorted."""
    folders: set[str] = set()
    files = sorted(set(names))
    for name in files:
        parts = name.split("/")
        folders.update("/".join(parts[:end]) for end in range(1, len(parts)))
    count = Counter(path.casefold() for path in [*files, *folders])
    return [name for name in files if any(count[prefix] > 1 for prefix in _prefixes(name.casefold()))]


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts) + 1))


def walk(folder: Path) -> Iterator[Entry]:
    """Everything below the folder in the order of its names; never follows a link, passes over what goes away."""
    yield from _walk(os.fspath(folder), "")


def _walk(folder: str, prefix: str) -> Iterator[Entry]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = prefix + entry.name
        if entry.is_symlink():
            yield Entry(name, "link")
        elif entry.is_dir(follow_symlinks=False):
            yield Entry(name, "folder")
            with suppress(FileNotFoundError):
                yield from _walk(entry.path, f"{name}/")
        else:
            yield Entry(name, "file" if entry.is_file(follow_symlinks=False) else "special")


def digest_file(path: Path) -> FileEntry:
    """SHA-256 and size of what is read; raises OSError for a link, so that nothing outside is ever read."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileEntry(sha256=digest.hexdigest(), size=file.tell())


def digest_folder(folder: Path) -> dict[str, FileEntry]:
    """The `files` of a manifest: all regular files below the folder but `bundle.json`; nothing is judged."""
    names = [entry.name for entry in walk(folder) if entry.kind == "file" and entry.name != "bundle.json"]
    return {name: digest_file(folder / name) for name in names}

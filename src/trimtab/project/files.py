"""Whether what the project file names is there and can be read."""

from __future__ import annotations

import os
from pathlib import Path

from trimtab.core.errors import did_you_mean
from trimtab.project.parse import REFERENCE
from trimtab.project.wrong import Wrong

__all__ = ["file_fault", "is_reference", "source_fault"]


def is_reference(text: str) -> bool:
    """Whether a source is written as `module:attr` and not as a path."""
    return REFERENCE.fullmatch(text) is not None


def source_fault(path: Path, shown: str) -> Wrong | None:
    """Why a model cannot be read there: P108 nothing there, P110 no permission; a folder is fine."""
    if not path.exists():
        return _nothing(path, shown)
    return None if os.access(path, os.R_OK, effective_ids=True) else _unreadable(shown)


def file_fault(path: Path, shown: str) -> Wrong | None:
    """Why a file cannot be read there: P108 nothing there, P109 a folder, P110 no permission."""
    if not path.exists():
        return _nothing(path, shown)
    if path.is_dir():
        return Wrong("P109", f"`{shown}` is a folder, not a file", _files_in(path, shown))
    return None if os.access(path, os.R_OK, effective_ids=True) else _unreadable(shown)


def _nothing(path: Path, shown: str) -> Wrong:
    """The fault of a path with nothing there, with the nearest name of its folder."""
    folder = path.parent
    if not folder.is_dir():
        return Wrong("P108", f"no file `{shown}`: there is no folder `{Path(shown).parent}`")
    try:
        names = [name for name in os.listdir(folder) if not name.startswith(".")]  # noqa: PTH208  # names are enough
    except PermissionError:
        return _unreadable(str(Path(shown).parent))
    near = did_you_mean(path.name, names)
    prefix = Path(shown).parent
    if near.startswith("did you mean"):
        near = f"did you mean `{prefix / near.split('`')[1]}`?"
    else:
        near = f"`ls {prefix}` shows what is there"
    return Wrong("P108", f"no file `{shown}`", near)


def _files_in(folder: Path, shown: str) -> str:
    """A hint that names a file of the folder, if there is one."""
    try:
        names = sorted(item.name for item in folder.iterdir() if item.is_file())
    except PermissionError:
        return ""
    return f"name a file in it, such as `{Path(shown) / names[0]}`" if names else ""


def _unreadable(shown: str) -> Wrong:
    """The fault of a path that may not be read."""
    return Wrong("P110", f"`{shown}` cannot be read: permission denied", f"`ls -l {shown}` shows who may")

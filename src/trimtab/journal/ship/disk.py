"""Files and folders that are there whole after a power cut, or not at all; for their owner only."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.replacement import sync_folder

__all__ = ["make_folders", "put_whole", "unkept", "write_all"]

_ANEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def put_whole(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Written beside its place, synced, then renamed into it; OSError, and what `fill` raises, leave what was there."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(draft, _ANEW, 0o600), "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def make_folders(folder: Path, root: Path) -> None:
    """The folders from the root, which is there and is not made, down to this one."""
    for place in reversed([folder, *folder.parents]):
        if root in place.parents and not place.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
            sync_folder(place.parent)


def write_all(handle: int, data: bytes) -> None:
    """All of it, in as many calls as it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def unkept(path: Path, what: str, error: OSError) -> OutsideError:
    """The error for something that has to be noted before it counts, and cannot be."""
    said = f"`{path.name}` {what}: {(error.strerror or str(error)).lower()}"
    hint = "nothing is shipped that cannot be noted: make room, or mend the folder"
    return OutsideError(Problem("P967", said, str(path), hint))

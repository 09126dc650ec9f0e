"""The file system side of the store: folders in progress, kernel locks, modes and syncs.

Locks are `flock` locks: the kernel lets them go when a process dies, however it dies.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from trimtab.bundle.files import walk
from trimtab.bundle.manifest import FileEntry
from trimtab.core.replacement import sync_folder

__all__ = [
    "FILE_MODE", "copy_bundle", "exclusive", "incoming_folder", "seal", "whole_file", "write_synced",
]  # fmt: skip

FILE_MODE: Final = 0o444
_FOLDER_MODE: Final = 0o755
_CHUNK: Final = 1 << 20


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """The only one, over all processes, inside the store's lock; waits for its turn."""
    root.mkdir(parents=True, exist_ok=True)
    file = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


@contextmanager
def incoming_folder(root: Path) -> Iterator[Path]:
    """A new folder under `incoming/`, locked while the block runs and removed after it; sweeps what the dead left."""
    with exclusive(root):
        parent = root / "incoming"
        parent.mkdir(exist_ok=True)
        for path in parent.iterdir():
            _sweep(path)
        folder = Path(tempfile.mkdtemp(dir=parent))
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove a folder whose process is gone: its lock is free. One of another user is left to them.

    A process that is just done removes its own, perhaps before we look.
    """
    with suppress(BlockingIOError, PermissionError, FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        finally:
            os.close(handle)


def copy_bundle(source: Path, target: Path) -> dict[str, FileEntry]:
    """Copy folders and regular files; links and special files become empty files, which no manifest names.

    Returns size and SHA-256 of what was written, by name: whatever becomes of the source, that is what is there. What
    goes away meanwhile is not written; who reads the manifest misses it.
    """
    written = {}
    for entry in walk(source):
        path = target / entry.name
        if entry.kind == "folder":
            path.mkdir()
        elif entry.kind == "file":
            if (copied := _copy(source / entry.name, path)) is not None:
                written[entry.name] = copied
        else:
            path.touch()
    return written


def _copy(source: Path, target: Path) -> FileEntry | None:
    """None, and nothing is written, where the file is gone or a link has taken its place."""
    digest, size = hashlib.sha256(), 0
    try:
        reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise
        return None
    with os.fdopen(reading, "rb", buffering=0) as file, target.open("xb", buffering=0) as copy:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
            view = memoryview(piece)
            while view:
                view = view[copy.write(view) :]
    return FileEntry(sha256=digest.hexdigest(), size=size)


def seal(folder: Path) -> None:
    """Fixed modes whatever the umask was, and everything on the disk."""
    for entry in walk(folder):
        path = folder / entry.name
        if entry.kind == "folder":
            path.chmod(_FOLDER_MODE)
            sync_folder(path)
        else:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fchmod(handle, FILE_MODE)
                os.fsync(handle)
            finally:
                os.close(handle)
    folder.chmod(_FOLDER_MODE)
    sync_folder(folder)


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A file that is at the path when the block ends, whole and on the disk; when it raises, what was there stays.

    No lock is needed: each writer has a draft of its own beside the path, and the last one counts.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        Path(draft).rename(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
    sync_folder(path.parent)


def write_synced(path: Path, text: str) -> None:
    """Replace a small file at once: a reader sees the old text or the new. The caller holds the store's lock."""
    draft = path.with_name(".draft")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)

"""Files of equal content in several bundles take the disk once: hard links to `blobs/sha256/<hex>`.

Links need no bookkeeping: the file system counts who has a file, and a blob that only `blobs/` names is in no bundle.
Where links cannot be made, a bundle has files of its own, as all had before there were blobs.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trimtab.bundle.files import digest_file
from trimtab.bundle.incoming import FILE_MODE
from trimtab.bundle.manifest import FileEntry
from trimtab.core.replacement import sync_folder

__all__ = ["share"]

# no links here at all, not to a file of another user, not one more to this file, not across devices
_NO_LINK: Final = frozenset({errno.EPERM, errno.EACCES, errno.EMLINK, errno.EXDEV, errno.ENOTSUP, errno.ENOSYS})
_TRIES: Final = 10


def share(staged: Path, files: Mapping[str, FileEntry], blobs: Path) -> None:
    """Make every file one with the blob of its content, which is made of it if there is none, and mended if damaged.

    staged: a sealed folder whose files are verified. Beside it is room for a name in between.
    """
    blobs.mkdir(parents=True, exist_ok=True)
    changed: set[Path] = set()
    for name, entry in files.items():
        if not entry.size:
            continue
        path = staged / name
        try:
            if _share(path, entry, blobs / entry.sha256, staged.with_name("link")):
                changed.add(path.parent)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
    for folder in (blobs, *sorted(changed)):
        sync_folder(folder)


def _share(path: Path, entry: FileEntry, blob: Path, between: Path) -> bool:
    """Whether the file was replaced by the blob; what is there is read before it is trusted."""
    for _ in range(_TRIES):
        try:
            os.link(path, blob, follow_symlinks=False)
        except FileExistsError:
            pass
        else:
            return False
        try:
            if blob.samefile(path):
                return False
            if _is_sound(blob, entry):
                os.link(blob, between, follow_symlinks=False)
                between.rename(path)
                return True
        except FileNotFoundError:  # removed meanwhile, as nobody had it
            continue
        os.link(path, between, follow_symlinks=False)
        between.rename(blob)
        return False
    return False


def _is_sound(blob: Path, entry: FileEntry) -> bool:
    try:
        return digest_file(blob) == entry and blob.stat().st_mode & 0o777 == FILE_MODE
    except FileNotFoundError:
        raise
    except OSError:
        return False

"""Whether a folder can be changed while this process reads it twice."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["is_fixed"]

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def is_fixed(folder: Path) -> bool:
    """Whether nobody but root can swap anything of it: mounted for reading, or root's from the top down to every file.

    folder: resolved, so that no part of its path is a link. Links inside are never followed by who reads a bundle.
    """
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return True
        if os.geteuid() == 0:
            return False  # whoever else runs as root could; and a store can be written
        return all(found.st_uid == 0 and not found.st_mode & _OTHERS_WRITE for found in _all(folder))
    except OSError:
        return False


def _all(folder: Path) -> Iterator[os.stat_result]:
    for path in (folder, *folder.parents, *folder.rglob("*")):
        yield path.lstat()

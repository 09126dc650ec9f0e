"""Zip archives that hold models: one meaning for every name, and no more in memory than the file's size warrants."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path
from typing import Final

from trimtab.bundle.flavours.sources import fail

__all__ = ["members"]

_TIMES: Final = 100  # that a member may be larger unpacked; weights hardly shrink at all
_SMALL: Final = 1 << 24  # bytes that any archive may unpack to
_MOST: Final = 100_000


def members(path: Path) -> list[zipfile.ZipInfo]:
    """What the archive holds; P225 when it is damaged, P223 when a name is there twice or it is made to fill memory.

    Two readers may take another one of two members of the same name: what was looked at would not be what is loaded.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except OSError as error:
        raise fail("P225", f"`{path.name}` cannot be read: {error.strerror or error}", path) from error
    except NotImplementedError as error:  # zipfile's word for what a later version wrote; told below, not swallowed
        raise fail(
            "P225", f"`{path.name}` cannot be read: it is a zip archive of a later kind, or damaged", path
        ) from error
    except (zipfile.BadZipFile, ValueError) as error:
        raise fail("P225", f"`{path.name}` cannot be read: it is cut off or damaged", path) from error
    if len(found) > _MOST:
        raise fail("P223", f"`{path.name}` has {len(found)} members, at most {_MOST} are read", path)
    twice = sorted(name for name, times in Counter(info.filename for info in found).items() if times > 1)
    if twice:
        raise fail("P223", f"`{path.name}` has two members of the name `{twice[0]}`", path)
    unpacked = sum(info.file_size for info in found)
    if unpacked > max(_SMALL, _TIMES * path.stat().st_size):
        raise fail("P223", f"`{path.name}` would unpack to {unpacked} bytes, {_TIMES} times its size and more", path)
    return found

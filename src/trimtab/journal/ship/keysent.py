"""Which keys of a file a topic has got: what was forgotten of the file since can be taken back by them.

They are written down before the first of them is sent, so that no kill comes in between. A file of keys lies as long as
the sealed file does; it holds ids of interactions, and nothing of what was asked or answered.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from trimtab.journal.ship.carrier import DamagedError
from trimtab.journal.ship.disk import make_folders, put_whole, unkept

__all__ = ["keys_of", "prune", "remember"]

_SUFFIX: Final = ".keys"


def keys_of(folder: Path, name: str) -> list[str]:
    """The keys that may be in the topic, of the file of that name. DamagedError where they cannot be read."""
    import pyarrow as pa
    from pyarrow import parquet

    path = _path(folder, name)
    try:
        keys: list[str] = parquet.read_table(path, columns=["key"]).column("key").to_pylist()
    except FileNotFoundError:
        return []
    except (OSError, pa.ArrowException):
        raise DamagedError(f"`{path.name}` cannot be read, so it is not known what was sent", name) from None
    return keys


def remember(folder: Path, name: str, keys: Iterable[str]) -> None:
    """Write them down in the place of those from before; they survive a power cut. OutsideError P967."""
    import pyarrow as pa
    from pyarrow import parquet

    path = _path(folder, name)
    table: Any = pa.table({"key": pa.array(keys, pa.string())})

    def fill(file: BinaryIO) -> None:
        # neighbours are alike but for a count at their end: a few bytes each
        encoding = {"key": "DELTA_BYTE_ARRAY"}
        parquet.write_table(table, file, compression="zstd", use_dictionary=False, column_encoding=encoding)

    try:
        make_folders(path.parent, folder.parent)
        put_whole(path, fill)
    except OSError as error:
        raise unkept(path, "cannot be written", error) from None


def prune(folder: Path, there: Iterable[str]) -> None:
    """Remove the keys of files that are not there any more: retention took them, what was sent of them stays."""
    kept = {_path(folder, name) for name in there}
    for place, _, names in os.walk(folder, topdown=False):
        for path in (Path(place, name) for name in names):
            if path not in kept:
                path.unlink(missing_ok=True)
        if Path(place) != folder:
            with suppress(OSError):  # others are in it
                Path(place).rmdir()


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}{_SUFFIX}"

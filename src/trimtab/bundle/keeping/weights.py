"""Files that all processes of a server map, each made once by whichever needs it first: packed weights of a model.

A process that maps a file has its pages in common with all others that do; what it would have made in its own memory
is there once for each process. The files go with the server, and are made again by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from trimtab.core.ownfolder import OwnFolder

__all__ = ["once_for_all", "weights_shared"]

Loaded = TypeVar("Loaded")
_PREFIX: Final = "trimtab-weights-"
_MAKING: Final = ".making"
_KEPT: Final = 8  # files of so many models: those that are mapped stay, whatever becomes of their names
_place: Path | None = None  # of this process, and of those that are forked from it


@contextmanager
def weights_shared() -> Iterator[None]:
    """While the block runs, processes forked in it have a place for such files; none where no folder can be made."""
    global _place  # noqa: PLW0603  # whoever loads a model deep inside of a forked process looks here
    try:
        folder = OwnFolder(_PREFIX)
    except OSError:
        yield
        return
    _place = folder.path
    try:
        yield
    finally:
        _place = None
        folder.remove()


def once_for_all(path: Path, make: Callable[[Path], Loaded | None], load: Callable[[Path], Loaded]) -> Loaded | None:
    """What is loaded from files made of the model at `path`, which is not there without a place, or if it cannot be.

    make: fills a folder, and loads from it what is there; None where the files are no good, which is asked once only.
    load: of what another process has made. One process at a time does either.
    """
    if _place is None:
        return None
    try:
        state = path.stat()
        made = _place / f"{state.st_dev:x}-{state.st_ino:x}-{state.st_size:x}-{state.st_mtime_ns:x}"
        with _one_at_a_time(_place):
            if not made.is_dir():
                return _made(_place, made, make)
            return load(made) if any(made.iterdir()) else None
    except Exception:  # noqa: BLE001  # a full disk, a library that cannot do it: the model is loaded as always
        return None


def _made(place: Path, made: Path, make: Callable[[Path], Loaded | None]) -> Loaded | None:
    folders = [one for one in place.iterdir() if one.is_dir()]
    half = [one for one in folders if one.suffix]  # whoever made it was killed
    whole = sorted((one for one in folders if not one.suffix), key=lambda one: one.stat().st_mtime)
    for one in (*half, *whole[: -(_KEPT - 1)]):
        shutil.rmtree(one)
    part = made.with_suffix(".part")
    part.mkdir()
    loaded = None
    try:
        loaded = make(part)
        if loaded is not None:
            part.rename(made)
    finally:
        if loaded is None:
            shutil.rmtree(part)
            made.mkdir()  # nobody tries again
    return loaded


@contextmanager
def _one_at_a_time(place: Path) -> Iterator[None]:
    handle = os.open(place / _MAKING, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

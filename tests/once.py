"""What is made once in a run of the suite, by whichever of its processes needs it first."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of this run that all of its processes share; another run has another one."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The only test process that makes what lies at the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # closing is not enough where a child was forked meanwhile


def made_once(place: Path, make: Callable[[Path], object]) -> Path:
    """The folder as `make(folder)` has filled it, here or in another process; to be read, and copied to be changed.

    Where `make` fails or is killed the folder does not count: whoever comes next makes it anew, and sees what is wrong.
    """
    whole = place.with_name(f"{place.name}.whole")
    with alone(place):
        if not whole.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            whole.touch()
    return place

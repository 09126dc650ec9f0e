"""Who directs the flight on an endpoint: one process at a time, which lets go when it dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["helm", "helmsman"]

_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST: Final = 4096
_TRIES: Final = 5
_LOOK_S: Final = 0.01


@contextmanager
def helm(folder: Path, endpoint: str) -> Iterator[Callable[[str], None]]:
    """Held while the block runs, which says by what it is given which flight it directs. folder: of the ledger.

    UserError P424 where another process has it, naming its flight; OutsideError P425 for a folder
    that cannot be written to.
    """
    path = folder / f"{endpoint}.helm"
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        file = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        what = f"no flight can be directed from here: {(error.strerror or str(error)).lower()}"
        raise OutsideError(Problem("P425", what, str(path), "name another folder: `--ledger DIR`")) from error
    try:
        if not _take(file):
            raise _taken(endpoint, _said(file))
        yield partial(_say, file)
    finally:
        os.close(file)


def _take(file: int) -> bool:
    """Whether it is ours; whoever only looks at who has it is gone after microseconds."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_S)
        else:
            return True
    return False


def helmsman(folder: Path, endpoint: str) -> dict[str, Any] | None:
    """Who has it: {"flight", "pid", "host"}, as far as it is known; None for nobody."""
    try:
        file = os.open(folder / f"{endpoint}.helm", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(file)
    else:
        return None
    finally:
        os.close(file)


def _say(file: int, flight: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps({"flight": flight, "pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)


def _said(file: int) -> dict[str, Any]:
    try:
        found = json.loads(os.pread(file, _LONGEST, 0))
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _taken(endpoint: str, said: dict[str, Any]) -> UserError:
    flight, pid, host = said.get("flight", "another flight"), said.get("pid", "?"), said.get("host", "?")
    what = f"flight `{flight}` is on at `{endpoint}` already: process {pid} on {host} directs it"
    hint = f"`trimtab flights show {flight}` shows it, `trimtab flights abort {endpoint}` ends it"
    return UserError(Problem("P424", what, "", hint))

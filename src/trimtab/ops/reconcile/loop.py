"""Turn after turn over all environments, by one process of this machine at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trimtab.core.errors import OutsideError, Problem, RefusedError
from trimtab.ops.reconcile.decide import wait_s
from trimtab.ops.reconcile.turn import Turn

__all__ = ["Pace", "alone", "keep_on"]


@dataclass(frozen=True, slots=True)
class Pace:
    """every_s: between turns that come to something. sleep, chance: of the system."""

    every_s: float
    sleep: Callable[[float], None]
    chance: Callable[[], float]


def keep_on(turns: Callable[[], Sequence[Turn]], pace: Pace, said: Callable[[Sequence[Turn]], None]) -> None:
    """For ever. said: is told of each round that differs from the one before. After failures it comes less often.

    A repair that has to be made again and again counts as a failure: it does not last.
    """
    before: Sequence[Turn] = ()
    failures = 0
    while True:
        found = turns()
        if found != before:
            said(found)
        again = {one.environment for one in before if one.came == "repaired"}
        failures = failures + 1 if any(_bad(one, again) for one in found) else 0
        before = found
        pace.sleep(wait_s(pace.every_s, failures, pace.chance()))


def _bad(turn: Turn, again: set[str]) -> bool:
    return turn.came in ("failed", "refused") or (turn.came == "repaired" and turn.environment in again)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else reconciles here meanwhile: P491, also where the folder cannot be written to."""
    path = folder / "reconcile.lock"
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        what = f"the lock cannot be made: {(error.strerror or str(error)).lower()}"
        hint = "make room, or name another folder: `--ledger DIR`"
        raise OutsideError(Problem("P491", what, str(path), hint)) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        what = "another `trimtab reconcile` is at work here"
        raise RefusedError(Problem("P491", what, str(path), "leave it to that one, or stop it first")) from None
    try:
        yield
    finally:
        os.close(file)

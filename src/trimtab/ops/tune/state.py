"""What was measured so far, in a file that is whole at any moment, so that a killed run goes on where it was."""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from trimtab import __version__
from trimtab.core.errors import OutsideError, Problem
from trimtab.ops.tune.measured import Trial
from trimtab.ops.tune.setting import Setting
from trimtab.server.threads import cores

__all__ = ["State", "facts_of_machine", "only_one", "read_state", "write_state"]


class State(msgspec.Struct, frozen=True):
    """bound: what the measurements hold for, by name; the settings that are tried, and the trials of them."""

    bound: dict[str, str]
    curve: dict[int, float]
    goal_s: float
    space: tuple[Setting, ...]
    segment_s: float
    alone: str = ""
    trials: tuple[Trial, ...] = ()


def facts_of_machine() -> dict[str, str]:
    """What measurements depend on, beside the bundle: machine, system, Python, trimtab."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name"))
    return {
        "processor": next(names, platform.machine()),
        "processors": str(cores()),
        "memory": str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "trimtab": __version__,
    }


def read_state(path: Path, bound: dict[str, str]) -> tuple[State | None, str]:
    """What the file holds; None, and why it is not used, when it is not for this; None and nothing without a file."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None, ""
    except (OSError, msgspec.DecodeError) as error:
        return None, f"it cannot be read: {error}"
    others = [f"{name} was `{state.bound.get(name, '')}`" for name in bound if state.bound.get(name) != bound[name]]
    fits = all(trial.arm < len(state.space) for trial in state.trials)
    if others or not fits:
        return None, "; ".join(others) or "its trials are of other settings"
    return state, ""


def write_state(path: Path, state: State) -> None:
    """Replace the file as a whole; raises OutsideError (P804)."""
    draft = path.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise OutsideError(Problem("P804", f"what was measured cannot be kept: {error.strerror}", str(path))) from None


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """While this run measures, no other one of the same bundle does; raises OutsideError (P804)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("wb")
    except OSError as error:
        raise OutsideError(Problem("P804", f"what was measured cannot be kept: {error.strerror}", str(path))) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another run tunes this bundle: both would measure each other"
            hint = "wait for it, or end it: the next one goes on from there"
            raise OutsideError(Problem("P804", what, str(path), hint)) from None
        yield

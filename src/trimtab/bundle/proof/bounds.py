"""A clean process ends in time: when its parent does, at the latest at its limit, and then it says where it was."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Stop", "die_with", "end_after", "stopped_at", "tell_where"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
# what faulthandler writes, h:mm:ss and perhaps a fraction
_DUMP: Final = re.compile(
    r"^(?:Timeout \((?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)\)!|Fatal Python error: )", re.MULTILINE
)
_AHEAD_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Stop:
    """What a process had said before Python told where it was; the places in the code folder, innermost last.

    limit_s: the limit at which it told so; None where it told because of a crash, or not at all.
    """

    said: str
    frames: tuple[str, ...] = ()
    limit_s: float | None = None


def die_with(parent: int) -> None:
    """From now on this process is killed when that parent ends, however it ends; at once if it has ended already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def tell_where(limit_s: float) -> None:
    """Shortly before the limit, what every thread is at goes to stderr, even if one of them never lets go."""
    faulthandler.dump_traceback_later(max(limit_s - _AHEAD_S, limit_s / 2))


def end_after(limit_s: float) -> None:
    """The same at the limit, and the process ends; what `tell_where` was to do is off."""
    faulthandler.dump_traceback_later(limit_s, exit=True)


def stopped_at(err: str, code: Path) -> Stop:
    """What the stderr of a process says about its end."""
    dump = _DUMP.search(err)
    if dump is None:
        return Stop(err)
    line = re.compile(rf'^  File "{re.escape(str(code))}/(.+)", line (\d+) in (.+)$', re.MULTILINE)
    found = [f"{name}:{number} in {function}" for name, number, function in line.findall(err, dump.start())]
    hours, minutes, seconds = dump.group("hours", "minutes", "seconds")
    limit_s = None if hours is None else int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return Stop(err[: dump.start()], tuple(reversed(found)), limit_s)

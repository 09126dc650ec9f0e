"""Whether the clock can be believed: what is removed for its age is gone, and clocks jump.

A machine without a battery starts in 1970, one with a wrong one in any year. So the time of day is held against the
time since the machine was started, from pass to pass, and has to run evenly for half a day before it counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Reading", "is_believed", "read_clock", "steady"]

_STEP_S: Final = 300.0  # what correcting a clock may move it by
_DAY_S: Final = 86_400.0
_ENOUGH_S: Final = _DAY_S / 2


@dataclass(frozen=True, slots=True)
class Reading:
    """now: seconds since 1970. up: since the machine was started, sleep included. boot: which start that was.

    steady: for how many seconds the clock is known to have run evenly, up to this reading.
    """

    now: float
    up: float
    boot: str
    steady: float = 0.0


def read_clock() -> Reading:
    """This machine's clocks, of which nothing is known yet."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        boot = ""
    return Reading(time.time(), time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)), boot)


def steady(last: Reading | None, now: Reading) -> Reading:
    """The reading with what the last one says of it.

    Over a restart of the machine nobody knows how long it was off: up to a day is believed, and no step back.
    """
    if last is None:
        return now
    passed = now.now - last.now
    known = bool(now.boot) and now.boot == last.boot
    even = abs(passed - (now.up - last.up)) <= _STEP_S if known else 0 <= passed <= _DAY_S
    return Reading(now.now, now.up, now.boot, last.steady + max(passed, 0.0) if even else 0.0)


def is_believed(reading: Reading, keep_s: float) -> bool:
    """Whether things may go for being older than `keep_s`."""
    return reading.steady >= min(_ENOUGH_S, keep_s)

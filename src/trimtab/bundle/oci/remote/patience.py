"""How long a registry is waited for, and how often it is asked again; decided here, acted on elsewhere."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["Machine", "Patience", "asked_pause"]

_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Machine:
    """What of the world a wait depends on: a clock in seconds that never goes back, sleep, and chance in [0, 1)."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of a talk with a registry. `attempts` is of one request; one that got on has them all again."""

    attempts: int = 5
    first_s: float = 0.5
    longest_s: float = 60.0  # of one pause, also of one that the registry asks for
    connect_s: float = 10.0
    silence_s: float = 60.0  # without a byte
    slowest: float = 4096.0  # bytes a second, below which a transfer is given up
    progress: int = 1 << 20  # bytes that count as getting on

    def pause_s(self, failed: int, asked_s: float | None, chance: float) -> float | None:
        """How long to wait after so many failures in a row; None to give up.

        Twice as long each time, and a random part of it, so that those who failed together do not come back together.
        What the registry asks for is kept to the second, or, where it is too long, not at all.
        """
        if failed >= self.attempts:
            return None
        if asked_s is not None:
            return asked_s if asked_s <= self.longest_s else None
        return min(self.longest_s, self.first_s * 2.0 ** (failed - 1)) * (0.5 + chance / 2)

    def time_s(self, size: int) -> float:
        """How long a transfer of that many bytes may take."""
        return self.silence_s + size / self.slowest


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """The seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3); a date is held against the answer's own."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None

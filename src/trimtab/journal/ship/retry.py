"""When a destination that failed is tried again; decided here, kept in its logbook, acted on in `shipping`."""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST_S", "due", "next_try"]

FIRST_S: Final = 10.0
LONGEST_S: Final = 900.0


def next_try(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row (1 and up); chance in [0, 1).

    Twice as long each time up to a quarter of an hour, and all of it by chance ("full jitter"): a thousand machines
    that were cut off together do not come back together.
    """
    return min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 30)) * chance


def due(now: float, at: float) -> bool:
    """Whether it is time, by the wall clock; a time that no wait can have led to comes of a clock that was set back."""
    return now >= at or at - now > LONGEST_S

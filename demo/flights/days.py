"""Days as numbers: which weekday, and how near a holiday of the United States is."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["days_of", "holiday_distance", "weekday"]

Array: TypeAlias = NDArray[Any]

MONDAY: Final = 0
THURSDAY: Final = 3
EPOCH_WEEKDAY: Final = THURSDAY  # 1 January 1970
FIXED: Final = ((1, 1), (7, 4), (11, 11), (12, 25))  # month, day
NTH: Final = (  # month, weekday, which one of the month
    (1, MONDAY, 3),  # Martin Luther King
    (2, MONDAY, 3),  # Washington
    (5, MONDAY, -1),  # Memorial Day is the last one
    (9, MONDAY, 1),  # Labor Day
    (10, MONDAY, 2),  # Columbus Day
    (11, THURSDAY, 4),  # Thanksgiving
)
HORIZON: Final = 7  # days; further away, a holiday no longer matters


def days_of(year: Array, month: Array, day: Array) -> Array:
    """The dates as whole days since 1970."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days: Array = months.astype("datetime64[D]").astype(np.int64) + day - 1
    return days


def weekday(days: Array) -> Array:
    """Monday is 0, Sunday 6."""
    found: Array = (days + EPOCH_WEEKDAY) % 7
    return found


def holiday_distance(days: Array) -> Array:
    """Days since the nearest holiday, negative before it; beyond a week it is 7 or -7. Thanksgiving Eve is -1."""
    if len(days) == 0:
        return days
    years = days[[days.argmin(), days.argmax()]].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    holidays = _holidays(int(years[0]) - 1, int(years[1]) + 2)
    after = np.searchsorted(holidays, days).clip(1, len(holidays) - 1)
    since, until = days - holidays[after - 1], holidays[after] - days
    nearest: Array = np.where(since < until, since, -until).clip(-HORIZON, HORIZON)
    return nearest


@cache
def _holidays(first: int, end: int) -> Array:
    """All holidays of the years from first to before end, as days since 1970, in order."""
    found = []
    for year in range(first, end):
        found += [_day(year, month, day) for month, day in FIXED]
        found += [_nth(year, month, wanted, which) for month, wanted, which in NTH]
    return np.sort(np.array(found))


def _day(year: int, month: int, day: int) -> int:
    return int(days_of(np.array([year]), np.array([month]), np.array([day]))[0])


def _nth(year: int, month: int, wanted: int, which: int) -> int:
    """The nth such weekday of a month, from its end if negative."""
    if which > 0:
        first = _day(year, month, 1)
        return first + (wanted - (first + EPOCH_WEEKDAY)) % 7 + 7 * (which - 1)
    last = _day(year, month + 1, 1) - 1
    return last - (last + EPOCH_WEEKDAY - wanted) % 7 + 7 * (which + 1)

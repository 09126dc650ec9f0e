"""Rates as the package `limits` writes them, such as `100/second; 1000000/day` or `5 per 2 minutes`."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from typing import Final, NamedTuple

from trimtab.core.errors import Problem, UserError

__all__ = ["Rate", "check_rates", "parse_rates", "require_limits"]

_LONGEST: Final = 200  # characters
_MOST: Final = 10**15  # beyond it a float no longer tells one from one more
_LONGEST_S: Final = 10 * 360 * 86_400  # ten years as the package counts them
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "month": 30 * 86_400, "year": 360 * 86_400}
_RATE: Final = re.compile(
    rf"\s*([0-9]+)\s*(?:/|per)\s*([0-9]+)?\s*({'|'.join(_SECONDS)})s?\s*", re.IGNORECASE | re.ASCII
)
_SEPARATOR: Final = re.compile(r"[,;|]")


class Rate(NamedTuple):
    """So many in so many seconds, and how the package spells that: `100 per 1 second`."""

    amount: int
    window_s: int
    text: str


def check_rates(text: str) -> str:
    """What is wrong with rates, or nothing; needs no package. No rates at all are no fault.

    Stricter than the package: no window twice (which of two were meant?), none of no length or beyond ten years.
    """
    if not text:
        return ""
    if len(text) > _LONGEST:
        return f"rates of {len(text)} characters, of which at most {_LONGEST} are read"
    windows: set[int] = set()
    for part in _SEPARATOR.split(text):
        found = _RATE.fullmatch(part)
        if found is None:
            return f"`{part.strip()}` is not a rate, such as `100/second` or `5000 per 2 hours`"
        amount, times, unit = int(found[1]), int(found[2] or 1), found[3].lower()
        window_s = times * _SECONDS[unit]
        if not 0 < window_s <= _LONGEST_S:
            return f"`{part.strip()}` is over {times} {unit}s, and it has to be over 1 second to 10 years"
        if amount > _MOST:
            return f"`{part.strip()}` is more than can be counted"
        if window_s in windows:
            return f"`{part.strip()}` is over as long a time as another rate beside it"
        windows.add(window_s)
    return ""


@lru_cache(256)
def parse_rates(text: str) -> tuple[Rate, ...]:
    """The rates of a text that `check_rates` has nothing against, by the package; the longest window last."""
    from limits import parse_many

    items = parse_many(text) if text else ()
    return tuple(sorted((Rate(item.amount, item.get_expiry(), repr(item)) for item in items), key=lambda rate: rate[1]))


def require_limits() -> None:
    """UserError P307 where the package is not installed."""
    if find_spec("limits") is None:
        hint = "`pip install 'trimtab[limit]'`"
        raise UserError(Problem("P307", "limits of requests and rows need the package `limits`", "trimtab serve", hint))

"""What each key of an entry may hold: a value that is checked comes back, WrongError says what is wrong with another.

Text is data: it is neither read as markup nor changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from trimtab.core.interactions import Scalar
from trimtab.core.values import show

__all__ = [
    "AHEAD_S", "COMMENT", "ID", "NAME", "ROW", "TEXT", "Check", "WrongError", "checked_id", "comment", "micros",
    "moment", "name", "row", "scalar", "score",
]  # fmt: skip

Check: TypeAlias = Callable[[object, float], object]  # the second: seconds since 1970 now

ID: Final = 256
COMMENT: Final = 4000
TEXT: Final = 4000
ROW: Final = 2**31 - 1
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
AHEAD_S: Final = 86400.0  # of the server's clock: clocks differ, and so do zones that somebody forgot
_WHOLE: Final = 2**63
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class WrongError(Exception):
    """What is wrong with a value, and what helps."""

    def __init__(self, what: str, hint: str = "") -> None:
        """what: begins with the value."""
        super().__init__(what)
        self.what, self.hint = what, hint


def checked_id(value: object, _now: float) -> str:
    """The id of an answer, or what its caller called the request."""
    if not isinstance(value, str):
        raise WrongError(f"{show(value)} is no text", "the `id` that came with the answer, or the one you sent")
    if not value:
        raise WrongError("it is empty", "the `id` that came with the answer, or the one you sent")
    if len(value) > ID or not (value.isascii() and value.isprintable()):
        raise WrongError(f"{show(value)} is not printable ASCII of at most {ID} characters")
    return value


def row(value: object, _now: float) -> int:
    """Which row of the request, from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= ROW:
        raise WrongError(f"{show(value)} is no row: rows are counted from 0")
    return value


def name(value: object, _now: float) -> str:
    """Which truth it is, where there are several of one answer."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise WrongError(f"{show(value)} is no name", "letters, digits, `_`, `.` and `-`, at most 64")
    return value


def scalar(value: object, _now: float) -> Scalar:
    """A boolean, a finite number or a text."""
    match value:
        case bool():
            return value
        case int() if -_WHOLE <= value < _WHOLE:
            return value
        case int():
            raise WrongError(f"{show(value)} is out of range: integers have 64 bits")
        case float() if math.isfinite(value):
            return value
        case float():
            raise WrongError(f"{show(value)} is not finite")
        case str():
            return _text(value, TEXT)
        case _:
            raise WrongError(f"{show(value)} is no boolean, number or text")


def comment(value: object, _now: float) -> str:
    """What a person wrote."""
    if not isinstance(value, str):
        raise WrongError(f"{show(value)} is no text")
    return _text(value, COMMENT)


def score(value: object, _now: float) -> float:
    """From 0, bad, to 1, good."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongError(f"{show(value)} is no score", "0 is bad, 1 is good")
    return float(value)


def moment(value: object, now: float) -> float:
    """Seconds since 1970, from such a number or from ISO 8601; a time without an offset is in UTC."""
    if isinstance(value, str):
        seconds = _parsed(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value:  # noqa: PLR0124 - NaN
        seconds = max(min(value, _WHOLE), -1)
    else:
        raise WrongError(f"{show(value)} is no time", "ISO 8601, or seconds since 1970")
    if seconds < 0:
        raise WrongError(f"{show(value)} is before 1970")
    if seconds > now + AHEAD_S:
        hint = "seconds since 1970 are wanted, not milliseconds" if isinstance(value, int | float) else ""
        raise WrongError(f"{show(value)} is in the future", hint)
    return micros(seconds)


def micros(seconds: float) -> float:
    """The time in whole microseconds, as it is kept."""
    return round(seconds * 1e6) / 1e6


def _parsed(text: str) -> float:
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        return (time - _EPOCH) // _MICROSECOND / 1e6
    except (ValueError, OverflowError):  # OverflowError: the offset moves the time out of the calendar
        raise WrongError(f"{show(text)} is no time", "ISO 8601, or seconds since 1970") from None


def _text(value: str, most: int) -> str:
    if len(value) > most:
        raise WrongError(f"it has {len(value)} characters, at most {most} are kept")
    if (bad := _UNPRINTABLE.search(value)) is not None:
        raise WrongError(f"it has the control character U+{ord(bad[0]):04X} in it")
    return value

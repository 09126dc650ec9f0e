"""Cells of a file as an entry has them: what a format cannot say is made of what it can, and nothing is guessed twice.

CSV has text alone. Whether a column of it holds numbers or booleans is told by all its cells together: one that is
neither makes all of them text, so that the codes `007` and `A12` stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from trimtab.core.interactions import Scalar

__all__ = ["Kind", "Seen", "identity", "moment", "place", "plain", "typed"]

Kind: TypeAlias = Literal["boolean", "number", "text"]
_BOOLEANS: Final = {"true": True, "false": False}
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_WHOLE: Final = re.compile(r"([0-9]{1,10})(\.0*)?", re.ASCII)  # pandas writes integers with gaps as `1.0`
_LARGEST: Final = 2**63


def plain(value: Any) -> Any:
    """A value of Parquet or JSON as JSON has it; NaN and NaT are null."""
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT only
        return None
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def identity(value: Any) -> Any:
    """An id; a number is taken by its digits, as pandas makes `7.0` of a 7 in a column with gaps."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def place(value: Any) -> Any:
    """The number of a row."""
    if isinstance(value, str) and (whole := _WHOLE.fullmatch(value.strip())):
        return int(whole[1])
    return int(value) if isinstance(value, float) and value.is_integer() else value


def moment(value: Any) -> Any:
    """A time; text that is a number is seconds."""
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if _NUMBER.fullmatch(text) else text or value


class Seen:
    """What the cells of a column of text may all be."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._booleans = self._numbers = True

    def __call__(self, value: Any) -> None:
        """One cell more; null says nothing."""
        if value is not None and (self._booleans or self._numbers):
            text = str(value).strip()
            self._booleans = self._booleans and text.lower() in _BOOLEANS
            self._numbers = self._numbers and _number(text) is not None

    @property
    def kind(self) -> Kind:
        """What all of them are."""
        return "boolean" if self._booleans else "number" if self._numbers else "text"


def typed(kind: Kind) -> Callable[[str], Scalar | None]:
    """Makes a value of a cell whose column is of that kind; None for one that is not."""
    kinds: Mapping[Kind, Callable[[str], Scalar | None]] = {
        "boolean": lambda text: _BOOLEANS.get(text.strip().lower()),
        "number": lambda text: _number(text.strip()),
        "text": str,
    }
    return kinds[kind]


def _number(text: str) -> int | float | None:
    """The number that a text is, None for one that is none or would lose digits."""
    if _INTEGER.fullmatch(text):
        whole = int(text)
        return whole if -_LARGEST <= whole < _LARGEST else None
    if not _NUMBER.fullmatch(text) or text.lstrip("-").isdigit():
        return None
    number = float(text)
    return number if abs(number) != float("inf") else None

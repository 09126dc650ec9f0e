"""Sizes and durations: a number and its unit, written together; and shares in percent."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DURATIONS", "SIZES", "Seconds", "UnitError", "pattern", "quantity", "shares"]

DURATIONS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SIZES: Final = {
    "B": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
}
_WHOLE: Final = 100
_FALLBACK: Final = {"b": "B", "k": "KiB", "m": "MiB", "g": "GiB"}
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([^\s0-9]*)\s*")


class Seconds(float):
    """A number that was written with a unit of time, where one without is taken too."""


class UnitError(ValueError):
    """A quantity without an accepted unit; `hint` shows the same number as it should be written."""

    def __init__(self, what: str, hint: str) -> None:
        """What is wrong with the quantity, and the nearest one that is right."""
        super().__init__(what)
        self.what = what
        self.hint = hint


def pattern(units: dict[str, float]) -> str:
    """The regular expression of what `quantity` accepts, for the editors' schema."""
    return f"^[0-9]+(\\.[0-9]+)?({'|'.join(units)})$"


def quantity(text: object, units: dict[str, float]) -> float:
    """Seconds of "30s", bytes of "64MiB"; raises UnitError for anything else, a number without a unit included."""
    if isinstance(text, str) and re.fullmatch(pattern(units), text):
        number, unit = re.fullmatch(r"([0-9.]+)(.+)", text).groups()  # type: ignore[union-attr]  # the pattern above held
        return float(number) * units[unit]
    accepted = ", ".join(f"`{unit}`" for unit in units)
    shown = text if isinstance(text, str) else f"{text}"
    found = _QUANTITY.fullmatch(shown)
    if found is None:
        example = "30s" if units is DURATIONS else "64MiB"
        raise UnitError(f"`{shown}` is not a number with a unit ({accepted})", f'write it like `"{example}"`')
    number, unit = found.groups()
    what = (
        f"`{shown}` has no unit ({accepted})" if not unit else f"`{shown}` has the unit `{unit}`, not one of {accepted}"
    )
    if unit in units:
        what = f"`{shown}` has a blank before its unit"
    raise UnitError(what, f"did you mean `{number}{_nearest(unit, units)}`?")


def shares(percents: object) -> tuple[float, ...]:
    """0.05, 0.5 of 5 and 50; TypeError for no list of numbers, ValueError where they do not grow up to 100."""
    if not isinstance(percents, list) or any(type(one) not in (int, float) for one in percents):
        raise TypeError("an array of numbers is wanted")
    if not percents or percents != sorted(set(percents)) or not 0 < percents[0] <= percents[-1] <= _WHOLE:
        raise ValueError("they do not grow, or are no percents")
    return tuple(one / _WHOLE for one in percents)


def _nearest(unit: str, units: dict[str, float]) -> str:
    """The accepted unit that a person who wrote this one most likely meant."""
    word = unit.lower()
    for name in units:
        if name.lower() == word:
            return name
    if units is SIZES:
        return _FALLBACK.get(word[:1], "MiB")
    return max((name for name in units if word.startswith(name)), key=len, default="s")

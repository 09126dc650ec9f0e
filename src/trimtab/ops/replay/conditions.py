"""Conditions on columns, as a path through the tree gathers them, in words that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from trimtab.core.values import show

__all__ = ["Condition", "merged", "phrase"]

Sign: TypeAlias = Literal[">=", "<", "in", "not in", "null", "not null"]
_SHOWN: Final = 4  # values that a condition lists
_LONGEST: Final = 40
_BOUNDS: Final = {">=", "<"}
_ONE: Final = {"in": "=", "not in": "is not"}
_MANY: Final = {"in": "is one of", "not in": "is none of"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What is so of a column's value. values: one for `>=` and `<`, the codes of a set for `in` and `not in`.

    or_null: a null goes this way too, for `<`; it always does for `not in`.
    """

    column: str
    sign: Sign
    values: tuple[Any, ...] = ()
    or_null: bool = False

    def __str__(self) -> str:
        """The condition in words: ``carrier = `B6` ``, `hour >= 17`."""
        match self.sign:
            case ">=" | "<":
                return f"{self.column} {self.sign} {_word(self.values[0])}" + (" or null" if self.or_null else "")
            case "in" | "not in":
                verb = (_ONE if len(self.values) == 1 else _MANY)[self.sign]
                more = len(self.values) - _SHOWN
                listed = ", ".join(map(_word, self.values[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
                return f"{self.column} {verb} {listed}"
            case "null" | "not null":
                return f"{self.column} is {self.sign}"


def merged(path: Sequence[Condition]) -> tuple[Condition, ...]:
    """The same in fewer words: of each column the narrowest bounds, and nothing that others of its conditions imply."""
    columns: dict[str, list[Condition]] = {}
    for one in path:
        columns[one.column] = _with(columns.get(one.column, []), one)
    return tuple(one for conditions in columns.values() for one in conditions)


def _with(conditions: list[Condition], new: Condition) -> list[Condition]:
    """A column's conditions and one more, further down the path."""
    signs = {one.sign: one for one in conditions}
    if new.sign == "null":
        return [new]
    if (named := signs.get("in")) is not None and new.sign == "not in":
        return [replace(named, values=tuple(value for value in named.values if value not in new.values))]
    if new.sign == "in" or named is not None:
        return [new if new.sign == "in" else conditions[0]]
    before = signs.pop(new.sign, None)
    if before is not None and new.sign == "not in":
        new = replace(new, values=(*before.values, *new.values))
    elif before is not None and new.sign in (">=", "<"):
        bound = (max if new.sign == ">=" else min)(before.values[0], new.values[0])
        new = replace(new, values=(bound,), or_null=before.or_null and new.or_null)
    signs[new.sign] = new
    if "<" in signs and signs.keys() & {">=", "not null"}:
        signs["<"] = replace(signs["<"], or_null=False)
    if "not null" in signs and signs.keys() & {">=", "<"}:
        del signs["not null"]
    return list(signs.values())


def phrase(path: Sequence[Condition]) -> str:
    """All of them in one line, `815 <= hour < 1900` for two bounds."""
    words: list[str] = []
    conditions = merged(path)
    for one in conditions:
        other = next((two for two in conditions if two.column == one.column and {one.sign, two.sign} == _BOUNDS), None)
        if other is None:
            words.append(str(one))
        elif one.sign == ">=":
            words.append(f"{_word(one.values[0])} <= {one.column} < {_word(other.values[0])}")
    return " and ".join(words)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return f"`{value}`" if value.isprintable() and "`" not in value and len(value) <= _LONGEST else show(value)
    return str(value)

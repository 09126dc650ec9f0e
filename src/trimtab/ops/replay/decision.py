"""What counts as a decision, and when one has changed: the whole rule, in one place.

An output of texts, booleans or integers is a label, and changes when it is another one. A number with a threshold is a
decision too: at or above it, or below. A row of numbers that are chances of classes stands for the likeliest of them.
Where an output decides, plain numbers do not; where none does, a number has changed when it is further from what it was
than a golden row may be: |after - before| > atol + rtol * |before|. Null is equal to null, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from trimtab.core.dtypes import Array, is_float
from trimtab.core.signature import Field
from trimtab.core.table import Column

__all__ = ["Rule", "Wanted", "called", "changed", "moved", "rules_of"]

How: TypeAlias = Literal["label", "threshold", "classes", "number"]
_SUM: Final = 1e-3  # how far from one the chances of a row may add up
_NOTHING: Final = "null"
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """thresholds: of outputs, by name. decides: the outputs that alone decide; none: as the rule above says."""

    thresholds: Mapping[str, float]
    decides: tuple[str, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """How one output is compared. decides: whether a change of it is a changed decision.

    were, classes: the names of the classes that its numbers stood for, and that they stand for now.
    """

    name: str
    how: How
    decides: bool
    threshold: float = 0.0
    rtol: float = 0.0
    atol: float = 0.0
    were: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The rule in words."""
        match self.how:
            case "label":
                return f"`{self.name}`: another one"
            case "threshold":
                return f"`{self.name}`: on the other side of {self.threshold:g}"
            case "classes":
                return f"`{self.name}`: another class is the likeliest"
            case "number":
                return f"`{self.name}`: further than {self.atol:g} + {self.rtol:g} of itself"


def rules_of(
    fields: Sequence[Field], before: Mapping[str, Column], wanted: Wanted, were: Mapping[str, Field] | None = None
) -> tuple[Rule, ...]:
    """A rule for each output, in the order of the fields; before: what they were.

    were: fields of what they were, as far as they are known; else they are taken for the same.
    """
    hows = {field.name: _how(field, before[field.name], wanted) for field in fields}
    named = wanted.decides or tuple(name for name, how in hows.items() if how != "number") or tuple(hows)
    found = []
    for field in fields:
        name, how = field.name, hows[field.name]
        rule = Rule(name, how, name in named, wanted.thresholds.get(name, 0.0), wanted.rtol, wanted.atol)
        if how == "classes":
            known = (were or {}).get(name, field)
            count = before[name].values.shape[1]
            rule = replace(rule, were=_classes(known, count), classes=_classes(field, field.shape[1]))
        found.append(rule)
    return tuple(found)


def _how(field: Field, column: Column, wanted: Wanted) -> How:
    if not is_float(field.dtype):
        return "label"
    if field.name in wanted.thresholds:
        return "threshold"
    return "classes" if _is_chances(field, column) else "number"


def _is_chances(field: Field, column: Column) -> bool:
    """Whether each row has the chances of two classes or more."""
    values = column.values
    if values.dtype.kind != "f" or values.ndim != _PAIR or values.shape[1] < _PAIR or not len(values):
        return False
    if field.categories is not None:
        return True
    rows = values[np.isfinite(values).all(axis=1)].astype(np.float64)
    return len(rows) > 0 and bool((rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) <= _SUM).all())


def _classes(field: Field, count: int) -> tuple[str, ...]:
    """Names of so many classes, their places where they have none."""
    named = field.categories if field.categories is not None and len(field.categories) == count else None
    return tuple(map(str, range(max(count, 0)) if named is None else named))


def changed(rule: Rule, before: Column, after: Column) -> Array:
    """Which rows have changed, by the rule; both columns have the same rows."""
    if rule.how == "number":
        return _beyond(rule, before, after)
    one, other = _missing(before), _missing(after)
    verdicts = _verdicts(rule, before), _verdicts(rule, after)
    if rule.how == "classes":
        verdicts = np.array(rule.were, object)[verdicts[0]], np.array(_names(rule, after), object)[verdicts[1]]
    return np.where(one | other, one != other, _unlike(*verdicts))


def called(rule: Rule, column: Column, rows: Array, *, then: bool = False) -> list[str]:
    """What the decisions of some rows are called; then: those that were, which may have had other classes."""
    verdicts, missing = _verdicts(rule, column)[rows], _missing(column)[rows]
    match rule.how:
        case "threshold":
            words = [f">= {rule.threshold:g}" if verdict else f"< {rule.threshold:g}" for verdict in verdicts.tolist()]
        case "classes":
            names = rule.were if then else _names(rule, column)
            words = [names[verdict] for verdict in verdicts.tolist()]
        case _:
            words = [_word(verdict) for verdict in verdicts.tolist()]
    return [_NOTHING if absent else word for word, absent in zip(words, missing.tolist(), strict=True)]


def moved(before: Column, after: Column) -> Array | None:
    """By how much each row's number has moved; of a row of numbers the one that moved most. None where there is none.

    NaN where the number is missing on either side, in any place of the row.
    """
    one, other = before.values, after.values
    if one.dtype.kind != "f" or other.dtype.kind != "f" or one.shape != other.shape or one.ndim > _PAIR:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        apart = other.astype(np.float64) - one.astype(np.float64)
    apart[(one == other) & np.isinf(one)] = 0.0
    if apart.ndim == _PAIR:
        if not apart.shape[1]:
            return None
        most = np.where(np.isnan(apart), -1.0, np.abs(apart)).argmax(axis=1)
        apart = apart[np.arange(len(apart)), most]
    half = np.isnan(one) != np.isnan(other)
    apart[_missing(before) | _missing(after) | half.any(axis=tuple(range(1, half.ndim)))] = np.nan
    return apart


def _names(rule: Rule, after: Column) -> tuple[str, ...]:
    """The classes of what came out, whose number the signature may leave open."""
    count = after.values.shape[1]
    return rule.classes if len(rule.classes) == count else tuple(map(str, range(count)))


def _verdicts(rule: Rule, column: Column) -> Array:
    match rule.how:
        case "threshold":
            with np.errstate(invalid="ignore"):
                return np.asarray(column.values >= rule.threshold)
        case "classes":
            known = np.where(np.isnan(column.values), -np.inf, column.values)
            return np.asarray(known.argmax(axis=1))
        case _:
            return column.values


def _missing(column: Column) -> Array:
    values = column.values
    absent = np.zeros(len(values), bool) if column.missing is None else column.missing.copy()
    if values.dtype.kind == "f":
        absent |= np.isnan(values).all(axis=tuple(range(1, values.ndim)))
    elif values.dtype.kind == "O" and values.ndim == 1:
        absent |= np.fromiter((value is None for value in values), bool, len(values))
    return absent


def _unlike(before: Array, after: Array) -> Array:
    """Which rows differ in any value."""
    if before.shape != after.shape:
        return np.ones(len(before), bool)
    if before.dtype.kind == "O" and before.ndim == 1:
        pairs = zip(before.tolist(), after.tolist(), strict=True)
        return np.fromiter((not _equal(one, other) for one, other in pairs), bool, len(before))
    unlike = before != after
    return np.asarray(unlike.any(axis=tuple(range(1, unlike.ndim)))) if unlike.ndim > 1 else unlike


def _equal(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(np.asarray(one), np.asarray(other))
    return type(one) is type(other) and one == other


def _beyond(rule: Rule, before: Column, after: Column) -> Array:
    one, other = before.values, after.values
    if one.dtype.kind == "O" or one.shape != other.shape:  # lists of varying length, or of another length than before
        pairs = zip(one, other, strict=True)
        return np.fromiter((not _near(rule, left, right) for left, right in pairs), bool, len(one))
    beyond = _far(rule, one, other)
    return np.asarray(beyond.any(axis=tuple(range(1, beyond.ndim)))) if beyond.ndim > 1 else beyond


def _near(rule: Rule, one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.shape(one) == np.shape(other) and not _far(rule, np.asarray(one), np.asarray(other)).any()


def _far(rule: Rule, one: Array, other: Array) -> Array:
    one, other = one.astype(np.float64), other.astype(np.float64)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(other - one)
        return np.asarray(~same & ~((apart <= rule.atol + rule.rtol * np.abs(one)) & np.isfinite(apart)))


def _word(value: object) -> str:
    if isinstance(value, (np.ndarray, list)):
        return str(np.asarray(value).tolist())
    return value.hex() if isinstance(value, bytes) else str(value).lower() if isinstance(value, bool) else str(value)

"""Weak groups: whether the model is much worse for some of the held rows than for all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, TypeAlias

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.dtypes import Array
from trimtab.core.table import Column, Table
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import within
from trimtab.ops.check.metrics import Metric
from trimtab.ops.check.resample import interval_of

__all__ = ["Bar", "Slice", "by_themselves", "named", "slices_of", "slices_of_rows"]

Slice: TypeAlias = tuple[str, Array]  # in words, and the places of its rows
_FEW: Final = 12  # values that make a group each
_PARTS: Final = 4  # of a column of numbers
_SURE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Bar:
    """What a group is held against. whole: the metric of all rows. better: 1 where more of it is better, else -1.

    most: by which a group may be worse. least: rows that it needs.
    """

    metric: Metric
    whole: float
    better: int
    most: float
    least: int


def named(slices: list[Slice], bar: Bar) -> list[Measure]:
    """One measure for each group of a column that somebody named; a small one is UNKNOWN."""
    return [_measure(one, bar, _SURE) for one in slices]


def by_themselves(slices: list[Slice], bar: Bar) -> Measure:
    """One measure for all groups that nobody named; WARN for one that is weak for sure, as many as there are of them.

    No FAIL: rows that are alike in an input are often harder to tell apart, which a person has to judge.
    """
    large = [one for one in slices if len(one[1]) >= bar.least]
    if not large:
        return Measure("other groups", None, "WARN", bar.most, says=f"none has the {bar.least} rows that it needs")
    found = [_measure(one, bar, 1 - (1 - _SURE) / len(large)) for one in large]
    worst = max(found, key=lambda one: (one.verdict == "FAIL", -inf if one.value is None else one.value))
    verdict: Verdict = "WARN" if worst.verdict == "FAIL" else "PASS"
    says = f"{worst.name.removeprefix('group ')}: {worst.says}, of {len(large)} groups"
    return Measure("other groups", worst.value, verdict, bar.most, count=worst.count, says=says)


def _measure(one: Slice, bar: Bar, sure: float) -> Measure:
    """By how much a group is worse than all rows, which are taken as known: they are many more."""
    words, places = one
    name, rows = f"group {words}", len(places)
    if rows < bar.least:
        return Measure(name, None, "UNKNOWN", bar.most, count=rows, says=f"fewer than {bar.least} rows")
    drop = interval_of(lambda draw: bar.better * (bar.whole - bar.metric(places[draw])), rows, sure)
    if not isfinite(drop.value):
        return Measure(name, None, "UNKNOWN", bar.most, count=rows, says="the metric says nothing of these rows")
    verdict = within(drop, at_most=bar.most)
    return Measure(name, drop.value, verdict, bar.most, count=rows, says=f"worse than all rows by {drop}")


def slices_of(columns: Mapping[str, Array]) -> list[Slice]:
    """A group for each value of each column, or for each quarter of a column of many numbers."""
    return [one for name, values in columns.items() for one in _slices(name, values)]


def slices_of_rows(rows: Table) -> list[Slice]:
    """The same of the inputs: those with one value a row, of few values or of numbers."""
    flat = {name: _values(column) for name, column in rows.columns.items() if column.values.ndim == 1}
    return slices_of(flat)


def _values(column: Column) -> Array:
    values = np.array(column.values.tolist(), object)
    if column.missing is not None:
        values[column.missing] = None
    return values


def _slices(name: str, values: Array) -> Iterator[Slice]:
    words = np.array(["null" if one is None else str(one) for one in values.tolist()], object)
    distinct = sorted(set(words.tolist()))
    if len(distinct) <= _FEW:
        yield from ((f"{name} = {word}", np.flatnonzero(words == word)) for word in distinct)
        return
    numbers = np.array([one if isinstance(one, int | float) else np.nan for one in values.tolist()], float)
    if np.isnan(numbers).mean() > 1 / _PARTS:
        return  # texts of many values
    ends = np.nanquantile(numbers, np.linspace(0, 1, _PARTS + 1))
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        last = high == ends[-1]
        inside = (numbers >= low) & ((numbers <= high) if last else (numbers < high))
        yield f"{name} {low:.4g} to {high:.4g}", np.flatnonzero(inside)

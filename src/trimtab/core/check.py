"""Columns from outside against a signature: the one place that decides whether a request is well formed.

All faults are found and named, not only the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from trimtab.core.coerce import MisfitError, coerce
from trimtab.core.dtypes import Array, is_float
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.core.values import parse_values, show

__all__ = ["Fault", "Raw", "SignatureError", "check", "check_field"]

Raw: TypeAlias = Column | Sequence[object]
_ROWS_NAMED: Final = 20  # faults listed a column and kind; the rest is counted


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in the data that the signature does not allow; `row` counts from 0, None: the whole column."""

    column: str
    row: int | None
    what: str
    hint: str = ""

    def __str__(self) -> str:
        """The fault with its place: `column `age`, row 3: ...`."""
        place = f"column `{self.column}`" if self.row is None else f"column `{self.column}`, row {self.row}"
        return f"{place}: {self.what}" + (f" ({self.hint})" if self.hint else "")


class SignatureError(UserError):
    """Data that does not fit the signature."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """At least one fault, in the signature's order."""
        places = [f"column `{f.column}`" + ("" if f.row is None else f", row {f.row}") for f in faults]
        super().__init__(*(Problem("P301", f.what, place, f.hint) for f, place in zip(faults, places, strict=True)))
        self.faults = tuple(faults)


def check(signature: Signature, columns: Mapping[str, Raw]) -> Table:
    """The columns as a table in the signature's order and dtypes; raises SignatureError naming every fault."""
    names = {field.name for field in signature.inputs}
    faults = [Fault(name, None, "unknown column", did_you_mean(name, names)) for name in columns if name not in names]
    checked: dict[str, Column] = {}
    for field in signature.inputs:
        if field.name in columns:
            column, found = check_field(field, columns[field.name])
            checked[field.name] = column
            faults += found
        else:
            faults.append(Fault(field.name, None, "missing column", f"the signature wants `{field}`"))
    heights = {name: len(column) for name, column in checked.items()}
    if len(set(heights.values())) > 1:
        most = max(heights, key=lambda name: heights[name])
        short = [name for name in heights if heights[name] != heights[most]]
        faults += [Fault(name, None, f"{heights[name]} rows, `{most}` has {heights[most]}") for name in short]
    if faults:
        raise SignatureError(faults)
    return Table(checked, next(iter(heights.values()), 0))


def check_field(field: Field, raw: Raw) -> tuple[Column, list[Fault]]:
    """One column in the field's dtype and shape, and all that is wrong with it."""
    if isinstance(raw, Column):
        try:
            column, value_faults = coerce(field, raw)
        except MisfitError as misfit:
            return raw, [Fault(field.name, None, str(misfit), misfit.hint)]
    else:
        column, value_faults = parse_values(raw, field)
    column = _with_nan_missing(column)
    broken = [found for rule in (_nulls, _range, _categories) if (found := rule(field, column))]
    if not broken and not value_faults:
        return column, []
    faults = _limited(field, [(fault.row, fault.what) for fault in value_faults])
    faulty = {fault.row for fault in value_faults}  # a value that could not be read breaks no further rule
    for found in broken:
        faults += _limited(field, [(row, what) for row, what in found if row not in faulty])
    return column, faults


def _limited(field: Field, found: Sequence[tuple[int, str]]) -> list[Fault]:
    faults = [Fault(field.name, row, what) for row, what in found[:_ROWS_NAMED]]
    if len(found) > _ROWS_NAMED:
        faults.append(Fault(field.name, None, f"{len(found) - _ROWS_NAMED} more rows like these"))
    return faults


def _with_nan_missing(column: Column) -> Column:
    """NaN and NaT are null: the mask says so too."""
    kind = column.values.dtype.kind
    if kind not in "Mf" or column.values.ndim > 1:
        return column
    nan = np.isnat(column.values) if kind == "M" else np.isnan(column.values)
    return Column(column.values, nan if nan.any() else None)


def _nulls(field: Field, column: Column) -> list[tuple[int, str]]:
    if field.nullable or (column.missing is None and column.values.ndim == 1):
        return []
    if is_float(field.dtype) and column.values.ndim > 1 and column.values.dtype.kind == "f":
        rows = np.isnan(column.values).any(axis=tuple(range(1, column.values.ndim)))
        return [(int(row), "NaN in a column that is not nullable") for row in np.flatnonzero(rows)]
    if column.missing is None:
        return []
    what = "null or NaN" if is_float(field.dtype) else "null"
    return [(int(row), f"{what} in a column that is not nullable") for row in np.flatnonzero(column.missing)]


def _range(field: Field, column: Column) -> list[tuple[int, str]]:
    if field.low is None and field.high is None:
        return []
    values = column.values
    if values.dtype.kind == "O":  # lists of varying length
        outside = np.array([item is not None and bool(_beyond(field, item).any()) for item in values], bool)
    else:
        outside = _beyond(field, values)
    if values.ndim > 1:
        outside = np.asarray(outside.any(axis=tuple(range(1, values.ndim))))
    if column.missing is not None:
        outside &= ~column.missing
    low = "-Infinity" if field.low is None else field.low
    high = "Infinity" if field.high is None else field.high
    rows = np.flatnonzero(outside)
    return [(int(row), f"{show(values[row].tolist())} is outside {low} to {high}") for row in rows]


def _beyond(field: Field, values: Array) -> Array:
    beyond = np.zeros(values.shape, bool)
    if field.low is not None:
        beyond |= values < field.low
    if field.high is not None:
        beyond |= values > field.high
    return beyond


def _categories(field: Field, column: Column) -> list[tuple[int, str]]:
    if field.categories is None or column.values.ndim > 1:
        return []
    allowed = set(field.categories)
    values = column.values.tolist()
    if set(values) <= allowed:
        return []
    absent = [False] * len(values) if column.missing is None else column.missing.tolist()
    return [
        (row, f"unseen category {show(value)}{_near(value, field)}")
        for row, value in enumerate(values)
        if value not in allowed and not absent[row]
    ]


def _near(value: object, field: Field) -> str:
    """The nearest category, or how to see them all, behind an unseen one."""
    names = [str(category) for category in field.categories or ()]
    hint = did_you_mean(str(value), names) if len(names) <= _ROWS_NAMED else ""
    return f", {hint}" if hint else f", the signature has {len(names)} categories"

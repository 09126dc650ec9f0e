"""What the project says of its model: inputs that must not move the answer, and such that move it one way only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.core.attestations import Measure
from trimtab.core.dtypes import Array
from trimtab.core.signature import Signature
from trimtab.core.table import Column, Table
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.subject import Ask
from trimtab.project.check import Direction, Invariant

__all__ = ["invariants", "monotone"]

_SHIFTS: Final = (1, 2, 3)  # whose values a row is given: of rows so far behind it
_ROWS: Final = 50
_STEPS: Final = 12
_NOISE: Final = 1e-9  # a step against the direction that is no step


def invariants(ask: Ask, signature: Signature, rows: Table, wanted: Sequence[Invariant]) -> list[Measure]:
    """For each, the largest change of an answer when the row is given other rows' values."""
    return [_invariant(ask, signature, rows, one) for one in wanted]


def _invariant(ask: Ask, signature: Signature, rows: Table, wanted: Invariant) -> Measure:
    name = f"invariant {wanted.name}"
    unknown = set(wanted.columns) - {field.name for field in signature.inputs}
    if unknown:
        return Measure(name, None, "UNKNOWN", says=f"there is no input `{min(unknown)}`")
    values = _distinct(rows, wanted.columns)
    if len(values) < 2:  # noqa: PLR2004  # one value cannot be changed for another
        return Measure(name, None, "UNKNOWN", count=rows.height, says="all rows have the same values there")
    try:
        before = ask(rows)
        # every row is given each of a few values that are there
        changes = [_change(before, ask(_with(rows, wanted.columns, at)), signature) for at in values]
    except NoAnswerError as error:
        return Measure(name, None, "FAIL", count=rows.height, says=f"not answered with other values: {error}")
    worst, output, row = max(changes, key=lambda change: change[0])
    verdict: Verdict = "PASS" if worst <= wanted.within else "FAIL"
    says = (
        ""
        if verdict == "PASS"
        else f"`{output}` of row {row} changes with {', '.join(f'`{c}`' for c in wanted.columns)}"
    )
    return Measure(name, worst, verdict, wanted.within, count=rows.height * len(values), says=says)


def _distinct(rows: Table, columns: Sequence[str]) -> list[int]:
    """A few rows that differ in these columns."""
    found: dict[str, int] = {}
    for row in range(rows.height):
        found.setdefault(repr([_cell(rows.columns[name], row) for name in columns]), row)
        if len(found) > len(_SHIFTS):
            break
    return list(found.values())


def _cell(column: Column, row: int) -> object:
    return None if column.missing is not None and column.missing[row] else column.values[row].tolist() if hasattr(
        column.values[row], "tolist") else column.values[row]  # fmt: skip


def _with(rows: Table, columns: Sequence[str], row: int) -> Table:
    """All rows with the values of one in these columns."""
    same = np.full(rows.height, row)
    changed = {name: (column.rows(same) if name in columns else column) for name, column in rows.columns.items()}
    return Table(changed, rows.height)


def _change(before: Outputs, after: Outputs, signature: Signature) -> tuple[float, str, int]:
    """The largest change, of what, and at which row; a value that is no number changes by 1."""
    worst = (0.0, signature.outputs[0].name, 0)
    for name, old in before.items():
        new = after[name]
        if old.dtype.kind in "iuf":
            apart = np.abs(new.astype(float) - old.astype(float))
            apart = np.where(
                np.isnan(old.astype(float)) & np.isnan(new.astype(float)), 0.0, np.nan_to_num(apart, nan=np.inf)
            )
        else:
            apart = np.array([str(one) != str(other) for one, other in zip(old, new, strict=True)], float)
        by_row = apart.reshape(len(apart), -1).max(axis=1)
        row = int(by_row.argmax())
        worst = max(worst, (float(by_row[row]), name, row), key=lambda change: change[0])
    return worst


def monotone(
    ask: Ask, signature: Signature, rows: Table, wanted: Mapping[str, Direction], output: str
) -> list[Measure]:
    """For each input, the largest step of the answer against its direction while the input grows and all else stays."""
    return [_monotone(ask, signature, rows, one, output) for one in wanted.items()]


def _monotone(ask: Ask, signature: Signature, rows: Table, wanted: tuple[str, Direction], output: str) -> Measure:
    column, direction = wanted
    name = f"monotone {column}"
    field = next((one for one in signature.inputs if one.name == column), None)
    if field is None or rows.columns[column].values.dtype.kind not in "iuf" or len(field.shape) > 1:
        return Measure(name, None, "UNKNOWN", says=f"there is no input `{column}` that is a number")
    values = _grid(rows.columns[column])
    if len(values) < 2:  # noqa: PLR2004  # as above
        return Measure(name, None, "UNKNOWN", says="all rows have the same value there")
    few = rows.rows(slice(0, _ROWS))
    try:
        answers = [_numbers(ask(_set(few, column, value)), output) for value in values]
    except NoAnswerError as error:
        return Measure(name, None, "FAIL", count=few.height, says=f"not answered with other values: {error}")
    steps = np.diff(np.stack(answers), axis=0) * (1 if direction == "up" else -1)
    worst = float(max(0.0, -steps.min()))
    at, row = divmod(int(steps.argmin()), few.height)
    says = (
        ""
        if worst <= _NOISE
        else f"row {row}: from {values[at]} to {values[at + 1]} it goes the other way than {direction}"
    )
    return Measure(name, worst, "PASS" if worst <= _NOISE else "FAIL", _NOISE, count=steps.size, says=says)


def _grid(column: Column) -> Array:
    values = column.values if column.missing is None else column.values[~column.missing]
    values = np.unique(values[np.isfinite(values)] if values.dtype.kind == "f" else values)
    return values[np.unique(np.linspace(0, len(values) - 1, _STEPS).astype(int))] if len(values) else values


def _set(rows: Table, column: str, value: object) -> Table:
    old = rows.columns[column].values
    return Table({**rows.columns, column: Column(np.full(len(old), value, old.dtype))}, rows.height)


def _numbers(outputs: Outputs, output: str) -> Array:
    """One number a row; of an output with an axis of classes, its last one."""
    values = outputs[output]
    return values.astype(float) if values.ndim == 1 else values.reshape(len(values), -1)[:, -1].astype(float)

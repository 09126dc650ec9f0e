"""No row, one, many; alone and together, in any order, twice: a model answers a row the same whatever is beside it."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.bundle.compare import compare
from trimtab.bundle.predictor import Outputs
from trimtab.core.attestations import Measure
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Table
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.subject import Ask

__all__ = ["Tolerance", "sizes"]

Tolerance = tuple[float, float]  # relative and absolute
_ALONE: Final = 20  # rows that are asked one by one
_MANY: Final = 1000
_SEED: Final = 20


def sizes(ask: Ask, signature: Signature, rows: Table, tolerance: Tolerance) -> list[Measure]:
    """rows: at least one. tolerance: how far answers to the same row may be apart."""
    many = rows.rows(np.arange(_MANY) % rows.height)
    shapes = [_shape(ask, signature, rows.rows(slice(0, count))) for count in (0, 1)]
    shapes.append(_shape(ask, signature, many))
    if any(one.verdict != "PASS" for one in shapes[1:]):
        return shapes
    whole = ask(rows)
    backwards = np.random.default_rng(_SEED).permutation(rows.height)
    twice = np.repeat(np.arange(rows.height), 2)
    few = np.arange(min(_ALONE, rows.height))
    return [
        *shapes,
        _same("again", ask, rows, whole, np.arange(rows.height), tolerance, "asked the same again"),
        _same("order", ask, rows, whole, backwards, tolerance, "rows in another order"),
        _same("duplicates", ask, rows, whole, twice, tolerance, "each row twice"),
        _alone(ask, rows, whole, few, tolerance),
    ]


def _shape(ask: Ask, signature: Signature, rows: Table) -> Measure:
    name = {0: "no rows", 1: "one row"}.get(rows.height, "many rows")
    try:
        outputs = ask(rows)
    except NoAnswerError as error:
        return Measure(name, None, "FAIL", count=rows.height, says=str(error))
    faults = [] if set(outputs) == {field.name for field in signature.outputs} else ["other outputs than it declares"]
    faults = faults or [fault for field in signature.outputs if (fault := _fault(field, outputs, rows.height))]
    return Measure(name, None, "FAIL" if faults else "PASS", count=rows.height, says="; ".join(faults))


def _fault(field: Field, outputs: Outputs, height: int) -> str:
    values = outputs[field.name]
    if len(values) != height:
        return f"`{field.name}` has {len(values)} rows"
    ragged = values.dtype.kind == "O" and -1 in field.shape[1:]
    text = field.dtype == "BYTES" and values.dtype.kind in "OUSM"
    if not (ragged or text) and values.dtype != DTYPES[field.dtype]:
        return f"`{field.name}` is {values.dtype}, not {field.dtype}"
    if -1 not in field.shape[1:] and values.shape[1:] != field.shape[1:]:
        return f"`{field.name}` has the shape {list(values.shape)}, not {list(field.shape)}"
    return ""


def _same(  # noqa: PLR0913, PLR0917  # a row of a table of cases
    name: str, ask: Ask, rows: Table, whole: Outputs, places: Array, tolerance: Tolerance, how: str
) -> Measure:
    try:
        got = ask(rows.rows(places))
    except NoAnswerError as error:
        return Measure(name, None, "FAIL", count=len(places), says=f"{how}: {error}")
    return _compared(name, {one: values[places] for one, values in whole.items()}, got, tolerance, how)


def _alone(ask: Ask, rows: Table, whole: Outputs, few: Array, tolerance: Tolerance) -> Measure:
    try:
        single = [ask(rows.rows(slice(at, at + 1))) for at in few.tolist()]
    except NoAnswerError as error:
        return Measure("alone", None, "FAIL", count=len(few), says=f"one by one: {error}")
    got = {name: np.concatenate([one[name] for one in single]) for name in whole}
    return _compared("alone", {name: values[few] for name, values in whole.items()}, got, tolerance, "one by one")


def _compared(name: str, expected: Outputs, got: Outputs, tolerance: Tolerance, how: str) -> Measure:
    difference = compare(expected, got, *tolerance)
    says = "" if difference.ok else f"{how}, `{difference.column}` of row {difference.row} is another"
    count = len(next(iter(expected.values()), ()))
    worst = difference.worst if np.isfinite(difference.worst) else None
    return Measure(name, worst, "PASS" if difference.ok else "FAIL", tolerance[1], count=count, says=says)

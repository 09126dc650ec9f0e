"""Holds a compiled form against what the original answered, row by row; runs in the process without the framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from trimtab.bundle.compare import compare
from trimtab.bundle.compiled.certificate import Found, Refutation, Worst
from trimtab.bundle.compiled.trial import Trial, quietly
from trimtab.bundle.golden_json import encode_tensor
from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.core.table import Column, Table

__all__ = ["RefutedError", "versus"]

Answer: TypeAlias = Callable[[Table], Outputs]

_ALONE: Final = 500  # rows asked one by one
_FEW: Final = 3_000  # rows up to here are asked in batches of 32, which engines walk otherwise than one or many


class RefutedError(Exception):
    """The compiled form is not the model."""

    def __init__(self, refutation: Refutation) -> None:
        """What was found."""
        super().__init__(str(refutation))
        self.refutation = refutation


@dataclass(slots=True)
class _Tally:
    """The largest differences so far."""

    tolerance: tuple[float, float]
    fields: tuple[Field, ...]
    rows: int = 0
    refused: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    worst: Worst | None = field(default=None)

    def add(self, table: Table, expected: Outputs, got: Outputs) -> None:
        """Raises RefutedError when a row is out of tolerance."""
        difference = compare(expected, got, *self.tolerance)
        row = max(difference.row, 0)
        self.rows += table.height
        if not difference.ok:
            said = f"`{difference.column}` is {_plain(got, row)} compiled, {_plain(expected, row)} in the original"
            raise RefutedError(Refutation(said, inputs_of(self.fields, table, row)))
        self.relative = max(self.relative, _relative(expected, got))
        if difference.worst > self.absolute:
            self.absolute = difference.worst
            inputs = inputs_of(self.fields, table, row)
            self.worst = Worst(inputs, _plain(expected, row), _plain(got, row))


def versus(trial: Trial, answer: Answer, tolerance: tuple[float, float]) -> Found:
    """The comparison; raises RefutedError at the first row that is answered otherwise, or by only one of the two."""
    tally = _Tally(tolerance, trial.pools.fields)
    with quietly():
        for probe in trial.probes:
            if probe.outputs is None:
                _must_refuse(tally, answer, probe.table)
            else:
                tally.add(probe.table, probe.outputs, _asked(tally, answer, probe.table))
        done = 0
        for table, refused, expected in trial.chunks():
            for row in refused:
                _must_refuse(tally, answer, table.rows(slice(row, row + 1)))
            keep = np.setdiff1d(np.arange(table.height), refused)
            rest = table.rows(keep)
            for part in _parts(rest.height, done):
                outputs = {name: values[part] for name, values in expected.items()}
                tally.add(rest.rows(part), outputs, _asked(tally, answer, rest.rows(part)))
            done += rest.height
    return Found(trial.of, tally.rows, tally.refused, tally.absolute, tally.relative, tally.worst)


def _parts(height: int, done: int) -> Iterator[slice]:
    """The first rows of all one by one, the next in small batches, the rest at once."""
    start = 0
    while start < height:
        at = done + start
        size = 1 if at < _ALONE else 32 if at < _FEW else height - start
        yield slice(start, min(start + size, height))
        start += size


def _asked(tally: _Tally, answer: Answer, table: Table) -> Outputs:
    try:
        return answer(table)
    except Exception as error:  # noqa: BLE001  # an engine may raise anything; the original answered
        if table.height > 1:  # one of them is the culprit
            for row in range(table.height):
                _asked(tally, answer, table.rows(slice(row, row + 1)))
        what = f"the compiled form raises {type(error).__name__} ({error}), the original answers"
        raise RefutedError(Refutation(what, inputs_of(tally.fields, table, 0))) from None


def _must_refuse(tally: _Tally, answer: Answer, table: Table) -> None:
    """A row that the original raises for must not get an answer."""
    tally.rows += 1
    tally.refused += 1
    try:
        outputs = answer(table)
    except Exception:  # noqa: BLE001  # whatever it raises, it did not answer
        return
    what = f"the compiled form answers {_plain(outputs, 0)}, the original raises"
    raise RefutedError(Refutation(what, inputs_of(tally.fields, table, 0)))


def _relative(expected: Outputs, got: Outputs) -> float:
    """The largest difference relative to the original's number."""
    worst = 0.0
    for name, one in expected.items():
        if one.dtype.kind == "f" and one.size:
            wide, other = one.astype(np.float64), got[name].astype(np.float64)
            apart: Array = np.abs(other - wide) / np.abs(wide)
            worst = max(worst, float(np.max(apart, where=np.isfinite(apart), initial=0.0)))
    return worst


def inputs_of(fields: tuple[Field, ...], table: Table, row: int) -> dict[str, Any]:
    """One row as JSON-ready values, in the forms that a request has them."""
    one = table.rows(slice(row, row + 1))
    found = {each.name: encode_tensor(each, one.columns[each.name])["data"] for each in fields}
    return {name: data[0] if len(data) == 1 else data for name, data in found.items()}


def _plain(outputs: Outputs, row: int) -> dict[str, Any]:
    """One row's answers as JSON-ready values."""
    return {name: _value(values[row : row + 1]) for name, values in outputs.items()}


def _value(values: Array) -> Any:
    shape = (-1, *values.shape[1:])
    if values.dtype.kind in "fiub":
        from trimtab.core.dtypes import dtype_of

        data = encode_tensor(Field("value", dtype_of(values), shape), Column(values))["data"]
        return data[0] if len(data) == 1 else data
    return str(values[0])

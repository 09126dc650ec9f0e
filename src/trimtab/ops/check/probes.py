"""Nulls, extremes and unseen categories: answered where the signature allows them, refused where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.check import SignatureError, check
from trimtab.core.dtypes import DTYPES, Array, is_float
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.subject import Ask

__all__ = ["Probe", "probes", "probes_of"]

_FAR: Final = 10.0  # times the spread of what was seen
_UNSEEN: Final = "never seen before"


@dataclass(frozen=True, slots=True)
class Probe:
    """One value in one column of one row. name: of the measure it belongs to; allowed: by the signature."""

    name: str
    field: Field
    value: object
    allowed: bool

    def __str__(self) -> str:
        """As people read it: `age` = null."""
        return f"`{self.field.name}` = {'null' if self.value is None else self.value}"


def probes(ask: Ask, signature: Signature, rows: Table) -> list[Measure]:
    """One measure a kind of probe; rows: at least one, whose first one is changed."""
    first = rows.rows(slice(0, 1))
    faults: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for probe in probes_of(signature, rows):
        counts[probe.name] = counts.get(probe.name, 0) + 1
        if fault := _fault(ask, signature, first, probe):
            faults.setdefault(probe.name, []).append(fault)
    return [
        Measure(name, float(len(faults.get(name, ()))), "FAIL" if name in faults else "PASS", 0.0, "", count,
                "; ".join(faults.get(name, ())[:5]))
        for name, count in counts.items()
    ]  # fmt: skip


def probes_of(signature: Signature, rows: Table) -> Iterator[Probe]:
    """What is tried; of columns with one value a row."""
    for field in signature.inputs:
        if len(field.shape) > 1 or field.kind != "value":
            continue
        yield Probe("nulls", field, None, field.nullable)
        if field.categories is not None:
            yield from (Probe("categories", field, one, allowed=True) for one in field.categories)
        if field.dtype == "BYTES":
            yield Probe("categories", field, _UNSEEN, field.categories is None)
        elif field.dtype != "BOOL" and field.categories is None:
            yield from _extremes(field, rows.columns[field.name])


def _extremes(field: Field, column: Column) -> Iterator[Probe]:
    low, high = _reach(field, column)
    yield from (Probe("extremes", field, value, allowed=True) for value in dict.fromkeys((low, high)))
    step = 1.0 if not is_float(field.dtype) else max(1.0, abs(high), abs(low)) * 1e-3
    for bound, beyond in ((field.low, -step), (field.high, step)):
        if bound is not None and _holds(field, bound + beyond):
            yield Probe("extremes", field, _number(field, bound + beyond), allowed=False)


def _reach(field: Field, column: Column) -> tuple[float, float]:
    """The bounds of the signature; without them, far beyond what was seen."""
    values = column.values if column.missing is None else column.values[~column.missing]
    seen = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    least, most = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    spread = max(most - least, abs(most), 1.0) * _FAR
    low = field.low if field.low is not None else _clipped(field, least - spread)
    high = field.high if field.high is not None else _clipped(field, most + spread)
    return _number(field, low), _number(field, high)


def _clipped(field: Field, value: float) -> float:
    dtype = DTYPES[field.dtype]
    ends: np.finfo | np.iinfo = np.finfo(dtype) if is_float(field.dtype) else np.iinfo(dtype)
    return min(max(value, float(ends.min)), float(ends.max))


def _holds(field: Field, value: float) -> bool:
    return _clipped(field, value) == value


def _number(field: Field, value: float) -> float:
    return float(value) if is_float(field.dtype) else int(value)


def _fault(ask: Ask, signature: Signature, first: Table, probe: Probe) -> str:
    """What is wrong, empty if the value is answered or refused as the signature has it."""
    columns = {name: (column if name != probe.field.name else [probe.value]) for name, column in first.columns.items()}
    try:
        table = check(signature, columns)
    except SignatureError as error:
        return f"{probe} is refused: {error.faults[0].what}" if probe.allowed else ""
    if not probe.allowed:
        return f"{probe} is not refused"
    try:
        outputs = ask(table)
    except NoAnswerError as error:
        return f"{probe} is allowed, and not answered: {error.said}"
    odd = [field.name for field in signature.outputs if not field.nullable and _is_odd(outputs[field.name])]
    return f"{probe} makes `{odd[0]}` no number" if odd else ""


def _is_odd(values: Array) -> bool:
    return values.dtype.kind == "f" and not np.isfinite(values).all()

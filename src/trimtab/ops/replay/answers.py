"""All answers of one side, row by row: what was recorded, or what a bundle says when it is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trimtab.batch.ahead import ahead
from trimtab.batch.faults import Judged
from trimtab.bundle.data.arrow import column_of
from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.values import ValueFault, parse_values
from trimtab.ops.replay.player import Failure, Played, Player
from trimtab.ops.replay.recorded import OUTPUT

__all__ = ["Answers", "replayed", "was_recorded"]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """outputs: whole columns; a row that is not in `has` holds fillers. failed: why those rows have none.

    calls: rows and seconds of each call.
    """

    outputs: Mapping[str, Column]
    has: Array
    failed: Mapping[int, Failure] = field(default_factory=dict)
    calls: Sequence[tuple[int, float]] = ()


def was_recorded(table: Any, fields: Sequence[Field], answered: Array) -> Answers:
    """What callers got, of the outputs of these fields; an answer that does not fit them counts as none."""
    has, outputs = answered.copy(), {}
    failed: dict[int, Failure] = {}
    for one in fields:
        outputs[one.name], faults = _as_recorded(table[f"{OUTPUT}{one.name}"], one)
        failed |= {fault.row: Failure("recorded", f"`{one.name}`: {fault.what}") for fault in faults}
    has[list(failed)] = False
    return Answers(outputs, has, failed)


def _as_recorded(array: Any, field: Field) -> tuple[Column, list[ValueFault]]:
    """What was answered, as the field has it; but rows of numbers may have had another length, the same in all rows."""
    raw = column_of(array, field)
    if isinstance(raw, Column):
        return raw, []
    if len(field.shape) > 1:
        loose = column_of(array, replace(field, shape=(-1,) * len(field.shape)))
        whole = _rectangle(loose) if isinstance(loose, Column) else None
        if whole is not None:
            return whole, []
    return parse_values(raw, field)


def _rectangle(column: Column) -> Column | None:
    """Arrays of one shape as one array, with fillers for missing ones; None where their shapes differ."""
    there = [item for item in column.values if item is not None]
    if len({item.shape for item in there}) != 1:
        return None
    whole = np.full((len(column), *there[0].shape), _filler(there[0].dtype), there[0].dtype)
    absent = np.zeros(len(column), bool) if column.missing is None else column.missing
    whole[~absent] = np.stack(there)
    return Column(whole, column.missing)


def _filler(dtype: np.dtype[Any]) -> Any:
    return {"f": np.nan, "O": None, "M": np.datetime64("NaT")}.get(dtype.kind, 0)


def replayed(player: Player, asked: Iterable[tuple[int, Judged]], rows: int, told: Callable[[int], None]) -> Answers:
    """What the player answers; told: called with the rows done so far. It ends early where it answers nothing."""
    parts: list[tuple[Array, Outputs]] = []
    failed: dict[int, Failure] = {}
    calls: list[tuple[int, float]] = []
    with closing(ahead(iter(asked))) as blocks:
        for start, judged in blocks:
            for refusal in judged.refusals:
                fault = refusal.faults[0]
                failed[start + refusal.row] = Failure(f"the signature refuses `{fault.column}`", fault.what)
            answer = player.play(judged.table)
            _gather(answer, start + judged.good, parts, failed)
            calls += answer.calls
            told(start + judged.block.height)
            if not parts:
                break
    has = np.zeros(rows, bool)
    for places, _ in parts:
        has[places] = True
    return Answers(_columns(parts, rows), has, dict(sorted(failed.items())), calls)


def _gather(answer: Played, places: Array, parts: list[tuple[Array, Outputs]], failed: dict[int, Failure]) -> None:
    parts += [(places[where], outputs) for where, outputs in answer.parts]
    failed |= {int(places[where]): failure for where, failure in answer.failed.items()}


def _columns(parts: Sequence[tuple[Array, Outputs]], rows: int) -> dict[str, Column]:
    found = {}
    for name in parts[0][1] if parts else ():
        values = np.concatenate([np.asarray(outputs[name]) for _, outputs in parts])
        values = values.astype(object) if values.dtype.kind in "US" else values
        whole = np.full((rows, *values.shape[1:]), _filler(values.dtype), values.dtype)
        whole[np.concatenate([places for places, _ in parts])] = values
        found[name] = Column(whole)
    return found

"""The part of compiling that needs the model's framework: convert it, ask it about made-up rows, take the time."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.compiled.convert import Converted, convert
from trimtab.bundle.compiled.measure import measure
from trimtab.bundle.compiled.pools import Pools, pools_of
from trimtab.bundle.compiled.trial import one_thread, record, write_trials
from trimtab.bundle.data.compose import compose
from trimtab.bundle.data.containers import to_container
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.engines.load import joined
from trimtab.bundle.engines.plan import Plan, Stage
from trimtab.bundle.making.gather import Parts
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.predictor import Predictor
from trimtab.bundle.sample.read import read_sample
from trimtab.core.dtypes import Array, dtype_of, is_float
from trimtab.core.errors import UserError
from trimtab.core.signature import Container, Field, Signature
from trimtab.core.table import Column, Table

__all__ = ["LIMIT_S", "Attempt", "attempt", "sample_of"]

LIMIT_S: Final = 60.0  # for all that the original is asked
_SAMPLE: Final = 4096  # rows of the sample that values are taken from
_ONE: Final[Container] = "matrix"
_MATRIX: Final = 2  # axes
_PART: Final = 2  # the model alone is asked about half as many rows as the whole bundle


@dataclass(frozen=True, slots=True)
class Attempt:
    """A compiled form that is not proved yet: the folder with its files and trials, its plan, what it costs."""

    folder: Path
    plan: Plan
    costs: Costs

    @property
    def trials(self) -> Path:
        """The file for `read_trials`."""
        return self.folder / "trials"


def attempt(folder: Path, recipe: Recipe, parts: Parts, signature: Signature, options: dict[str, Any]) -> Attempt:
    """The attempt in an empty folder; raises UnfoldableError or TooLongError when there is none."""
    sample = sample_of(parts.rows.table)
    given = to_container(sample, signature)
    if parts.prepare is not None:
        given = parts.prepare(given)
    converted = convert(parts.flavour.name, parts.model, options, given, folder)
    plan = _plan(converted, signature, recipe.prepare)
    until = time.perf_counter() + LIMIT_S
    original = compose(signature, parts.prepare, parts.model)
    pools = _pools(converted, sample, signature, recipe.prepare)
    compiled = joined(replace(signature, container=plan.container), parts.prepare, converted.model)
    alone = None if parts.prepare is None else _alone(parts, converted, given)
    with one_thread():
        trials = [record("bundle", original, pools, recipe.compared, until)]
        if alone is not None:
            trials.append(record("model", *alone, recipe.compared // _PART, until))
        costs = measure({"original": original, converted.stage.kind: compiled}, sample)
    write_trials(trials, folder / "trials")
    return Attempt(folder, plan, costs)


def _plan(converted: Converted, signature: Signature, prepare: str) -> Plan:
    """Without code of the user's own there is no need for a DataFrame."""
    if prepare:
        return Plan((Stage("prepare", "python", options={"function": prepare}), *converted.stages), signature.container)
    container: Container = "arrays" if signature.container == "frame" else signature.container
    return Plan(converted.stages, container)


def sample_of(table: Table) -> Table:
    """The rows that values are taken from: at most 4096, spread evenly."""
    if table.height <= _SAMPLE:
        return table
    return table.rows(np.linspace(0, table.height - 1, _SAMPLE).astype(np.intp))


def _pools(converted: Converted, sample: Table, signature: Signature, prepare: str) -> Pools:
    """Thresholds are of the model's columns, which are those of a request only where nothing is prepared."""
    if prepare:
        return pools_of(sample, signature, {}, wide=False)
    return pools_of(sample, signature, _placed(converted, signature), wide=True)


def _placed(converted: Converted, signature: Signature) -> dict[int, Array]:
    """Thresholds by the number of the pool."""
    names = [field.name for field in signature.inputs]
    if converted.names is None or len(names) == 1:
        return dict(converted.thresholds)
    known = converted.names
    return {names.index(known[at]): values for at, values in converted.thresholds.items() if known[at] in names}


def _alone(parts: Parts, converted: Converted, given: Any) -> tuple[Predictor, Pools] | None:
    """The model by itself, and pools of what it is given for the sample; None where that is no table of numbers."""
    if isinstance(given, np.ndarray) and given.ndim == _MATRIX and given.dtype.kind == "f":
        fields: tuple[Field, ...] = (Field("prepared", dtype_of(given), (-1, given.shape[1])),)
        table, container = Table({"prepared": Column(given)}, len(given)), _ONE
    else:
        try:
            found = read_sample(given)
        except UserError:
            return None
        fields, table, container = found.fields, found.table, found.container
    if any(field.dtype == "BYTES" for field in fields):
        return None
    fields = tuple(replace(field, nullable=field.nullable or is_float(field.dtype)) for field in fields)
    inner = Signature(fields, container=container)
    return compose(inner, None, parts.model), pools_of(table, inner, _placed(converted, inner), wide=True)

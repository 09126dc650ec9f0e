"""A column stage with a bug in it must be caught by the comparison, even where only the last bit is wrong."""

# ruff: noqa: PD011 - `values` are the numbers of a step here, not those of a pandas object

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from trimtab.bundle.compiled.versus import RefutedError
from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.load import Staged
from trimtab.bundle.engines.steps import ColumnsSpec, Fill, Hot, Join, Scale, Step

CHANCE = np.random.default_rng(4)
TABLE = pd.DataFrame({"age": CHANCE.normal(0, 9, 300), "plan": CHANCE.choice(["basic", "plus", "pro"], 300)})
LATE = (TABLE["age"] + 9 * (TABLE["plan"] == "pro") + CHANCE.normal(size=300) > 2).astype(int)
TABLE.loc[::20, "age"] = np.nan


def other_order(step: Step) -> Step:
    """The places of two categories change."""
    if not isinstance(step, Hot):
        return step
    (only,) = step.columns
    turned = msgspec.structs.replace(only, codes=(*only.codes[1:], only.codes[0]))
    return msgspec.structs.replace(step, columns=(turned,))


def other_statistic(step: Step) -> Step:
    """Missing values become something else than the mean."""
    return msgspec.structs.replace(step, values=(step.values[0] - 9.0,)) if isinstance(step, Fill) else step


def single_precision(step: Step) -> Step:
    """What the scaler learned was rounded to FP32 on the way."""
    if not isinstance(step, Scale):
        return step
    moves = [msgspec.structs.replace(move, values=tuple(map(float, np.float32(move.values)))) for move in step.moves]
    return msgspec.structs.replace(step, moves=tuple(moves))


def reciprocal(step: Step) -> Step:
    """Times one over the scale in place of divided by it: the last bit of some values."""
    if not isinstance(step, Scale):
        return step
    minus, by = step.moves
    times = msgspec.structs.replace(by, op="times", values=tuple(1.0 / value for value in by.values))
    return msgspec.structs.replace(step, moves=(minus, times))


def with_bug(spec: ColumnsSpec, bug: Callable[[Step], Step]) -> ColumnsSpec:
    (join,) = spec.steps
    assert isinstance(join, Join)
    parts = [msgspec.structs.replace(part, steps=tuple(map(bug, part.steps))) for part in join.parts]
    return msgspec.structs.replace(spec, steps=(Join(tuple(parts)),))


@pytest.fixture(scope="module")
def found(compiled: Any) -> Any:
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age"]), (OneHotEncoder(sparse_output=False), ["plan"])
    )
    model = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=2)).fit(TABLE, LATE)
    found = compiled(model, TABLE, rows=8000)
    assert found.versus().absolute == 0.0
    return found


@pytest.mark.parametrize("bug", [other_order, other_statistic, single_precision, reciprocal])
def test_a_bug_in_a_column_stage_is_refuted(found: Any, bug: Callable[[Step], Step]) -> None:
    staged = found.model
    broken = with_bug(staged.columns.spec, bug)
    assert broken != staged.columns.spec
    with pytest.raises(RefutedError):
        found.versus(Staged(Columns(broken), staged.model))


def test_a_bug_that_one_integer_shows_is_refuted(compiled: Any) -> None:
    """Of the many integers between those of the sample, the last one below a threshold goes the wrong way."""
    table = pd.DataFrame({"n": np.array([0, 10**6]).repeat(50)})
    model = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=2)).fit(table, table["n"] > 0)
    found = compiled(model, table)
    assert found.versus().absolute == 0.0
    every = np.arange(10**6)
    chances = found.model({"n": every})["probability"]
    (last,) = np.flatnonzero(np.diff(chances))

    def off(prepared: Any) -> Any:
        return found.model({"n": np.where(prepared["n"] == every[last], every[last] + 1, prepared["n"])})

    with pytest.raises(RefutedError, match=str(every[last])):
        found.versus(off)

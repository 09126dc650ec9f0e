"""A converter with a bug in it must be caught, whatever the bug: each is planted here, and refuted by a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from trimtab.bundle.compiled.versus import RefutedError
from trimtab.bundle.engines.forest import ForestModel, ForestOptions
from trimtab.bundle.engines.linear import Linear
from trimtab.bundle.engines.weights import Category, LinearSpec, Number
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import MISSING_LEFT, Tables

CHANCE = np.random.default_rng(3)
ROWS = CHANCE.normal(size=(300, 4))
LATE = (ROWS[:, 0] + CHANCE.normal(size=300) > 0).astype(int)
KINDS = CHANCE.integers(0, 3, 300)


def spec_of(found: Any) -> LinearSpec:
    return msgspec.json.decode((found.tried.folder / "compiled" / "model.json").read_bytes(), type=LinearSpec)


def broken_forest(found: Any, change: Callable[[Tables], Tables]) -> ForestModel:
    stage = found.tried.plan.model
    forest = found.model.forest
    return ForestModel(Forest(change(forest.tables), forest.facts), msgspec.convert(stage.options, ForestOptions))


def wrong_scaler(spec: LinearSpec) -> LinearSpec:
    first, *rest = spec.terms
    weights = tuple(weight * 1.001 for weight in first.weights)
    return msgspec.structs.replace(spec, terms=(msgspec.structs.replace(first, weights=weights), *rest))


def swapped_classes(spec: LinearSpec) -> LinearSpec:
    def turned(row: tuple[float, ...]) -> tuple[float, ...]:
        return (row[1], row[0], *row[2:])

    terms = tuple(msgspec.structs.replace(term, weights=turned(term.weights)) for term in spec.terms)
    return msgspec.structs.replace(spec, terms=terms, intercept=turned(spec.intercept))


def shares_for_softmax(spec: LinearSpec) -> LinearSpec:
    return msgspec.structs.replace(spec, link="shares")


def no_intercept(spec: LinearSpec) -> LinearSpec:
    return msgspec.structs.replace(spec, intercept=(0.0,) * len(spec.intercept))


@pytest.fixture(scope="module")
def weights(compiled: Any) -> Any:
    found = compiled(make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, KINDS), ROWS)
    assert found.versus().absolute < 1e-12
    return found


@pytest.mark.parametrize("bug", [wrong_scaler, swapped_classes, shares_for_softmax, no_intercept])
def test_a_bug_in_the_weights_is_refuted(weights: Any, bug: Callable[[LinearSpec], LinearSpec]) -> None:
    with pytest.raises(RefutedError, match="compiled") as error:
        weights.versus(Linear(bug(spec_of(weights))))
    assert set(error.value.refutation.inputs) == {"input"}


def table() -> pd.DataFrame:
    frame = pd.DataFrame({"age": ROWS[:, 0] * 9 + 40, "plan": CHANCE.choice(["basic", "plus", "pro"], 300)})
    frame.loc[::20, "age"] = np.nan
    return frame


def other_fill(term: Number | Category) -> Number | Category:
    return msgspec.structs.replace(term, fill=0.0) if isinstance(term, Number) else term


def no_fill(term: Number | Category) -> Number | Category:
    return msgspec.structs.replace(term, fill=None) if isinstance(term, Number) else term


def shifted_categories(term: Number | Category) -> Number | Category:
    if isinstance(term, Number):
        return term
    return msgspec.structs.replace(term, weights=(*term.weights[1:], term.weights[0]))


def unknown_is_the_first(term: Number | Category) -> Number | Category:
    return term if isinstance(term, Number) else msgspec.structs.replace(term, unknown=term.weights[0])


@pytest.fixture(scope="module", params=["ignore", "error"])
def columns(compiled: Any, request: pytest.FixtureRequest) -> Any:
    """What the encoder does with a value never seen: with "error" the last bug answers where the original raises."""
    frame = table()
    encoder = OneHotEncoder(handle_unknown=request.param)
    steps = make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), ["age"]), (encoder, ["plan"]))
    found = compiled(make_pipeline(steps, Ridge()).fit(frame, ROWS[:, 1]), frame)
    assert found.versus().relative < 1e-9
    return found


@pytest.mark.parametrize("bug", [other_fill, no_fill, shifted_categories, unknown_is_the_first])
def test_a_bug_in_a_column_is_refuted(columns: Any, bug: Callable[[Any], Any]) -> None:
    spec = spec_of(columns)
    with pytest.raises(RefutedError):
        columns.versus(Linear(msgspec.structs.replace(spec, terms=tuple(map(bug, spec.terms)))))


def next_threshold(tables: Tables) -> Tables:
    """Less than in place of at most: off by one float."""
    nodes = tables.nodes.copy()
    split = np.isfinite(nodes["threshold"])
    nodes["threshold"][split] = np.nextafter(nodes["threshold"], -np.inf)[split]
    return replace(tables, nodes=nodes)


def one_threshold(tables: Tables) -> Tables:
    """The same, in a single node of a single tree."""
    nodes = tables.nodes.copy()
    (split,) = np.nonzero(tables.leaf < 0)
    at = split[len(split) // 2]
    nodes["threshold"][at] = np.nextafter(nodes["threshold"][at], -np.inf)
    return replace(tables, nodes=nodes)


def other_missing(tables: Tables) -> Tables:
    """The other way for missing values."""
    kinds = tables.kinds.copy()
    kinds[:-1] ^= MISSING_LEFT
    return replace(tables, kinds=kinds)


def lost_tree(tables: Tables) -> Tables:
    """The last tree adds nothing."""
    values = np.array(tables.values)  # the forest's own
    last = tables.leaf[tables.start[-2] : tables.start[-1]]
    values[last[last >= 0]] = 0
    return replace(tables, values=values)


def lost_base(tables: Tables) -> Tables:
    """Sums start from nothing."""
    return replace(tables, base=np.zeros_like(tables.base))


@pytest.fixture(scope="module")
def trees(compiled: Any) -> Any:
    frame = pd.DataFrame(ROWS, columns=list("abcd"))
    for place, name in enumerate("abcd"):
        frame.loc[place::13, name] = np.nan
    model = HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5).fit(frame, LATE)
    found = compiled(model, frame, rows=8000)
    assert found.versus().absolute == 0.0
    return found


@pytest.mark.parametrize("bug", [next_threshold, one_threshold, other_missing, lost_tree, lost_base])
def test_a_bug_in_the_trees_is_refuted(trees: Any, bug: Callable[[Tables], Tables]) -> None:
    with pytest.raises(RefutedError):
        trees.versus(broken_forest(trees, bug))


def test_labels_of_the_wrong_classes_are_refuted(compiled: Any) -> None:
    model = RandomForestClassifier(5, random_state=0).fit(ROWS, np.array(["u", "v", "w"])[KINDS])
    found = compiled(model, ROWS, "predict")
    assert found.versus().absolute == 0.0
    stage = found.tried.plan.model
    options = msgspec.convert({**stage.options, "labels": ["v", "u", "w"]}, ForestOptions)
    with pytest.raises(RefutedError, match="prediction"):
        found.versus(ForestModel(found.model.forest, options))


def test_a_form_that_raises_where_the_model_answers_is_refuted(compiled: Any) -> None:
    found = compiled(LogisticRegression().fit(ROWS, LATE), ROWS)

    def timid(prepared: Any) -> Any:
        if np.abs(prepared).max() > 1e30:
            raise ValueError("too large for me")
        return found.model(prepared)

    with pytest.raises(RefutedError, match="too large for me"):
        found.versus(timid)


def test_a_form_whose_answer_for_one_row_differs_from_that_for_many_is_refuted(compiled: Any) -> None:
    found = compiled(LogisticRegression().fit(ROWS, LATE), ROWS)

    def odd(prepared: Any) -> Any:
        answers = dict(found.model(prepared))
        return {"probability": answers["probability"] * (1.01 if len(prepared) == 32 else 1.0)}

    with pytest.raises(RefutedError):
        found.versus(odd)

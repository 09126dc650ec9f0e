"""How a forest is asked is held against the forest itself, when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from trimtab.bundle.compiled.woods import packed_sklearn
from trimtab.bundle.engines.forest import ForestModel
from trimtab.bundle.forest.file import save
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(1).normal(size=(90, 3))
KINDS = np.array(["u", "v", "w"])[np.arange(90) % 3]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The file of a forest of three classes and three columns, and how it is asked for labels."""
    forest, options = packed_sklearn(RandomForestClassifier(3, random_state=0).fit(ROWS, KINDS), "predict")
    return save(forest, tmp_path_factory.mktemp("forest")), msgspec.to_builtins(options)


def test_as_written_it_answers(written: tuple[Path, dict[str, Any]]) -> None:
    path, options = written
    model = ForestModel.load(path, options)
    assert model.count == 3
    assert set(model(ROWS)["prediction"].tolist()) == {"u", "v", "w"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": 4}, "count"),
        ({"count": 10**30}, "count"),
        ({"names": ["a", "b"]}, "names"),
        ({"by_name": True}, "by_name"),
        ({"dtype": "object"}, "dtype"),
        ({"labels": ["u", "v"]}, "labels"),
        ({"labels": ["u", "v", 3]}, "labels"),
        ({"answer": "sign", "labels": ["u", "v"]}, "labels"),
        ({"categories": {"3": ["a"]}}, "categories"),
        ({"categories": {"-1": ["a"]}}, "categories"),
        ({"categories": {"01": ["a"]}}, "categories"),
        ({"categories": {"9" * 5000: ["a"]}}, "categories"),
        ({"categories": {"0": [1, True]}}, "categories[0]"),
        ({"answer": "guess"}, ""),
        ({"more": 1}, ""),
    ],
)
def test_what_does_not_fit_the_forest_is_named(
    written: tuple[Path, dict[str, Any]], change: dict[str, Any], place: str
) -> None:
    path, options = written
    with pytest.raises(UserError, match=r"P289\]: `compiled/plan.json`") as error:
        ForestModel.load(path, options | change)
    assert error.value.problems[0].where == f"compiled/plan.json{f', at `{place}`' if place else ''}"

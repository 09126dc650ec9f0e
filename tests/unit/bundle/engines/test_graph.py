"""A graph and how it is asked are held against each other, when they are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from trimtab.bundle.compiled.graphs import write_graph
from trimtab.bundle.engines.graph import GraphModel
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(1).normal(size=(60, 3))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The file of a network for three columns, and how it is asked for the chance of the second class."""
    folder = tmp_path_factory.mktemp("graph")
    model = MLPClassifier((2,), max_iter=2000, tol=0.1, random_state=0).fit(ROWS, ROWS[:, 0] > 0)
    file, options = write_graph(model, "predict_proba", ROWS, folder)
    return folder / file, msgspec.to_builtins(options)


def test_as_written_it_answers(written: tuple[Path, dict[str, Any]]) -> None:
    path, options = written
    model = GraphModel.load(path, options)
    assert model.count == 3
    assert model(ROWS)["probability"].shape == (60,)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": 0}, "count"),
        ({"names": ["a"]}, "names"),
        ({"limits": [1.0]}, "limits"),
        ({"result": "nothing"}, "result"),
        ({"names": ["a", "b", "c"], "inputs": {"a": "float64"}}, "inputs"),
        ({"names": ["a", "b", "c"], "inputs": {"X": "float16"}}, "inputs"),
        ({"inputs": {"X": "float64"}}, "by_name"),
        ({"more": 1}, ""),
    ],
)
def test_what_does_not_fit_the_graph_is_named(
    written: tuple[Path, dict[str, Any]], change: dict[str, Any], place: str
) -> None:
    path, options = written
    with pytest.raises(UserError, match=r"P289\]: `compiled/plan.json`") as error:
        GraphModel.load(path, options | change)
    assert error.value.problems[0].where == f"compiled/plan.json{f', at `{place}`' if place else ''}"


def test_a_damaged_graph_is_named(written: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    path, options = written
    data = path.read_bytes()
    for damaged in (b"", data[: len(data) // 2], b"\xff" * 100):
        (tmp_path / "model.onnx").write_bytes(damaged)
        with pytest.raises(UserError, match=r"P289\]: `compiled/model.onnx` is damaged"):
            GraphModel.load(tmp_path / "model.onnx", options)

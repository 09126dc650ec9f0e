"""Stages become one model, when each fits the next."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from trimtab.bundle.engines.load import ByRows, Staged, load_engine
from trimtab.bundle.engines.plan import Plan, Stage
from trimtab.bundle.engines.steps import ColumnsSpec, Move, Pick, Scale
from trimtab.bundle.engines.weights import LinearSpec, Number
from trimtab.bundle.manifest import canonical
from trimtab.core.errors import UserError
from trimtab.core.table import Column, Table

COLUMNS = ColumnsSpec(3, (Pick((2, 0)), Scale((Move("times", (10.0, 1.0)),))))
WEIGHTS = LinearSpec(2, (Number(0, (1.0,)), Number(1, (2.0,))), (0.5,), "identity", "y")
PLAN = Plan((Stage("columns", "columns", "columns.json"), Stage("model", "linear", "model.json")), "matrix")


def written(folder: Path, columns: ColumnsSpec, weights: LinearSpec) -> Path:
    (folder / "compiled").mkdir()
    for file, spec in (("columns.json", columns), ("model.json", weights)):
        (folder / "compiled" / file).write_bytes(canonical(msgspec.to_builtins(spec)))
    return folder


def test_a_column_stage_stands_before_its_model(tmp_path: Path) -> None:
    model = load_engine(written(tmp_path, COLUMNS, WEIGHTS), PLAN)
    assert isinstance(model, Staged)
    assert model(np.array([[1.0, 2.0, 3.0]]))["y"].tolist() == [30.0 + 2.0 + 0.5]


def test_a_model_that_takes_other_columns_is_refused(tmp_path: Path) -> None:
    wide = msgspec.structs.replace(COLUMNS, steps=(Pick((2, 0, 1)),))
    with pytest.raises(UserError, match=r"P289.*makes 3 columns, and the model takes 2"):
        load_engine(written(tmp_path, wide, WEIGHTS), PLAN)


def test_preparation_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model"):
        load_engine(tmp_path, Plan(PLAN.stages[:1], "matrix"))


def test_many_rows_are_asked_elsewhere() -> None:
    both = ByRows(lambda table: {"y": np.zeros(table.height)}, lambda table: {"y": np.ones(table.height)}, 3)
    found = [both(Table({"x": Column(np.arange(float(count)))}, count))["y"].sum() for count in (2, 3)]
    assert found == [0, 3]

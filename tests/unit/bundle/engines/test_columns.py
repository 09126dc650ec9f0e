"""A column stage as a function: columns apart in their own dtypes until a step needs them side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.steps import (
    Call,
    Codes,
    ColumnsSpec,
    Fill,
    Floats,
    Hot,
    Join,
    Move,
    Part,
    Pick,
    Scale,
    Words,
)
from trimtab.bundle.manifest import canonical
from trimtab.core.errors import UserError

ARRAYS = {
    "age": np.array([20.0, np.nan, 40.0]),
    "size": np.array([1, 2, 3]),
    "plan": np.array(["basic", None, "pro"], object),
}
SPEC = ColumnsSpec(
    count=3,
    names=("age", "size", "plan"),
    by_name=True,
    steps=(
        Join((
            Part((0, 1), (Fill((30.0, 9.0)), Scale((Move("by", (10.0, 2.0)),)))),
            Part((2,), (Words(("basic",)), Hot((Codes(("basic", "pro"), (0.0, 1.0), refused=("unknown",)),), 2))),
        )),
    ),
)  # fmt: skip
MADE = [[2.0, 0.5, 1.0, 0.0], [3.0, 1.0, 1.0, 0.0], [4.0, 1.5, 0.0, 1.0]]


@pytest.mark.parametrize("given", [ARRAYS, pd.DataFrame(ARRAYS), {"more": ARRAYS["age"], **ARRAYS}])
def test_columns_are_found_by_name(given: Any) -> None:
    columns = Columns(SPEC)
    assert columns(given).tolist() == MADE
    assert columns.width == 4


@pytest.mark.parametrize("row", range(3))
def test_one_row_is_made_as_many_are(row: int) -> None:
    one = {name: values[row : row + 1] for name, values in ARRAYS.items()}
    assert Columns(SPEC)(one).tolist() == MADE[row : row + 1]


def test_what_is_not_there_or_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the columns age, size, plan"):
        Columns(SPEC)({"age": ARRAYS["age"]})
    with pytest.raises(ValueError, match="a category that the model does not know"):
        Columns(SPEC)({**ARRAYS, "plan": np.array(["basic", "new", "pro"], object)})
    with pytest.raises(ValueError, match="could not convert"):
        Columns(SPEC)({**ARRAYS, "age": ARRAYS["plan"]})


def test_columns_that_no_part_looks_at_need_not_come() -> None:
    only = ColumnsSpec(3, (Join((Part((2, 0), (Pick((1,)),)),)),), SPEC.names, by_name=True)
    found = Columns(only)({"age": ARRAYS["age"], "plan": ARRAYS["size"]})
    np.testing.assert_array_equal(found, ARRAYS["age"][:, None])


def test_without_names_they_come_in_order() -> None:
    columns = Columns(ColumnsSpec(2, (Floats(),)))
    assert columns(np.array([[1, 2]])).tolist() == [[1.0, 2.0]]
    assert columns({"x": np.array([1]), "y": np.array([2])}).tolist() == [[1.0, 2.0]]
    for given in (np.zeros(2), np.zeros((1, 3)), {"x": np.array([1])}):
        with pytest.raises(ValueError, match="2 columns"):
            columns(given)


def test_a_matrix_is_taken_as_it_is() -> None:
    columns = Columns(ColumnsSpec(2, ()))
    given = np.zeros((3, 2), np.float32)
    assert columns(given) is given


def test_each_dtype_of_a_table_is_computed_in_its_own_precision() -> None:
    table = {"x": np.array([0.1], np.float32), "y": np.array([0.1])}
    found = Columns(ColumnsSpec(2, (Call("exp"),)))(table)
    assert found.tolist() == [[float(np.exp(np.float32(0.1))), np.exp(0.1)]]
    assert found.dtype == np.float64


def test_a_function_of_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no numbers where the model computes"):
        Columns(ColumnsSpec(1, (Call("sqrt"),)))({"x": ARRAYS["plan"]})


def test_numbers_beyond_single_precision_are_laid_out_in_silence() -> None:
    step = Scale((Move("minus", (1e300,)),))
    assert Columns(ColumnsSpec(1, (step,)))(np.array([[0.0]], np.float32)).tolist() == [[-np.inf]]


def test_a_file_is_checked_when_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "columns.json"
    path.write_bytes(canonical(msgspec.to_builtins(SPEC)))
    assert Columns.load(path).spec == SPEC
    path.write_bytes(canonical(msgspec.to_builtins(msgspec.structs.replace(SPEC, count=2))))
    with pytest.raises(UserError, match="P289") as error:
        Columns.load(path)
    wheres = [problem.where for problem in error.value.problems]
    assert wheres == [f"compiled/columns.json, at `{at}`" for at in ("names", "steps[0].parts[1].at")]

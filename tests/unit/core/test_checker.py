"""The check made ready for one signature; that it always agrees with `check` is a property test."""

from __future__ import annotations

import numpy as np
import pytest

from trimtab.core.check import SignatureError
from trimtab.core.checker import Checker
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

SIGNATURE = Signature(
    (
        Field("a", "FP64"),
        Field("plan", "BYTES", categories=("basic", "plus")),
        Field("b", "FP64", low=0),
        Field("n", "INT64"),
        Field("m", "INT64", high=9),
        Field("pixels", "FP32", (-1, 2)),
    )
)


def columns(**changed):
    plain = {"a": [1.5, 2], "plan": ["plus", "basic"], "b": [0, 1.0], "n": [1, 2], "m": [3, 9]}
    return plain | {"pixels": Column(np.ones((2, 2), np.float32))} | changed


def test_what_is_plainly_right_becomes_a_table_in_the_order_of_the_signature():
    given = columns()
    table = Checker(SIGNATURE)(dict(reversed(given.items())))
    assert list(table.columns) == ["a", "plan", "b", "n", "m", "pixels"]
    assert table.height == 2
    assert table.columns["a"].values.tolist() == [1.5, 2.0]
    assert table.columns["n"].values.dtype == np.int64
    assert table.columns["pixels"].values is given["pixels"].values


@pytest.mark.parametrize(
    ("changed", "column", "row", "what"),
    [
        ({"b": [0.0, -1.0]}, "b", 1, "`-1.0` is outside 0 to Infinity"),
        ({"m": [10, 1]}, "m", 0, "`10` is outside -Infinity to 9"),
        ({"a": [1.0, True]}, "a", 1, "`True` is no number"),
        ({"a": [1.0, None]}, "a", 1, "null or NaN in a column that is not nullable"),
        ({"a": [float("nan"), 1.0]}, "a", 0, "null or NaN in a column that is not nullable"),
        ({"n": [1, 2**63]}, "n", 1, f"`{2**63}` does not fit INT64"),
        ({"n": [1, 1.5]}, "n", 1, "`1.5` is no integer"),
        ({"plan": ["plus", "gold"]}, "plan", 1, "unseen category"),
        ({"pixels": Column(np.full((2, 2), np.nan, np.float32))}, "pixels", 0, "NaN in a column that is not nullable"),
        ({"n": [1]}, "n", None, "1 rows, `a` has 2"),
    ],
)
def test_what_is_wrong_is_named_as_the_thorough_check_names_it(changed, column, row, what):
    with pytest.raises(SignatureError) as caught:
        Checker(SIGNATURE)(columns(**changed))
    fault = caught.value.faults[0]
    assert (fault.column, fault.row) == (column, row)
    assert fault.what.startswith(what)


def test_a_signature_without_columns_and_columns_without_rows_are_fine():
    assert Checker(Signature(()))({}).height == 0
    empty = Checker(Signature((Field("a", "FP64"), Field("b", "FP64"))))({"a": [], "b": []})
    assert (empty.height, empty.columns["b"].values.dtype) == (0, np.float64)

"""A native model is called without copies, and still held to its promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trimtab.bundle.engines.direct import direct
from trimtab.core.errors import RefusedError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

FIELDS = (Field("a", "FP64"), Field("n", "INT64", nullable=True))
PROMISE = (Field("y", "FP64"),)
TABLE = Table({"a": Column(np.array([1.0, 2.0])), "n": Column(np.array([3, 0]), np.array([False, True]))}, 2)


def test_arrays_go_in_as_they_lie_in_memory() -> None:
    seen: list[Any] = []

    def model(prepared: Any) -> Any:
        seen.append(prepared)
        return {"y": prepared["a"] * 2}

    one = Table({"a": TABLE.columns["a"]}, 2)
    answers = direct(Signature(FIELDS[:1], PROMISE, "arrays"), model)(one)
    assert answers["y"].tolist() == [2.0, 4.0]
    assert seen[0]["a"] is one.columns["a"].values


def test_missing_integers_are_nan() -> None:
    answers = direct(Signature(FIELDS, PROMISE, "arrays"), lambda prepared: {"y": prepared["n"]})(TABLE)
    np.testing.assert_array_equal(answers["y"], [3.0, np.nan])


def test_a_table_without_rows_is_answered_without_the_model() -> None:
    def never(_: Any) -> Any:
        raise AssertionError

    empty = TABLE.rows(slice(0, 0))
    assert direct(Signature(FIELDS, PROMISE, "arrays"), never)(empty)["y"].shape == (0,)


def test_another_dtype_is_cast_to_the_promised_one() -> None:
    model = lambda prepared: {"y": prepared["a"].astype(np.float32)}  # noqa: E731
    assert direct(Signature(FIELDS, PROMISE, "arrays"), model)(TABLE)["y"].dtype == np.float64


@pytest.mark.parametrize("answer", [{"z": np.zeros(2)}, {"y": np.zeros(3)}, {"y": np.zeros((2, 2))}])
def test_a_broken_promise_is_refused(answer: Any) -> None:
    with pytest.raises(RefusedError):
        direct(Signature(FIELDS, PROMISE, "arrays"), lambda _: answer)(TABLE)

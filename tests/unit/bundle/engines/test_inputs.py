"""From any container to columns, with the refusals of the libraries that trained on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.engines.inputs import Block, columns_of, matrix_of, picked, stacked

ARRAYS = {"a": np.array([1, 2]), "b": np.array([0.5, np.nan])}
WHOLE = np.array([[1.0, 0.5], [2.0, np.nan]])


@pytest.mark.parametrize("given", [ARRAYS, WHOLE, pd.DataFrame(ARRAYS), WHOLE.tolist()])
def test_any_container_is_the_same_matrix(given: Any) -> None:
    np.testing.assert_array_equal(matrix_of(given, None, 2), WHOLE)


@pytest.mark.parametrize("given", [ARRAYS, WHOLE, pd.DataFrame(ARRAYS)])
def test_any_container_is_the_same_columns(given: Any) -> None:
    np.testing.assert_array_equal(np.column_stack(columns_of(given, None, 2)), WHOLE)


@pytest.mark.parametrize("given", [dict(reversed(ARRAYS.items())), pd.DataFrame(ARRAYS)[["b", "a"]]])
def test_names_in_another_order_are_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="the columns a, b"):
        matrix_of(given, ("a", "b"), 2)


@pytest.mark.parametrize("given", [{"a": ARRAYS["a"]}, WHOLE[:, :1], WHOLE[0], pd.DataFrame(ARRAYS).assign(c=1)])
def test_another_number_of_columns_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="2 columns"):
        matrix_of(given, None, 2)


def test_columns_are_picked_by_name_among_others() -> None:
    found = picked({"c": np.zeros(2), **ARRAYS}, ("a", "b"), [1])
    assert list(found) == [1]
    np.testing.assert_array_equal(found[1], ARRAYS["b"])
    with pytest.raises(ValueError, match="needs the columns b"):
        picked({"a": ARRAYS["a"]}, ("a", "b"), [1])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_block_is_its_columns_and_its_matrix(dtype: Any) -> None:
    block = Block(("a", "b"), np.array([[1.0, 2.0], [0.5, np.nan]]))
    assert list(block) == ["a", "b"]
    assert block["b"].base is block.block
    found = matrix_of(block, ("a", "b"), 2, dtype)
    np.testing.assert_array_equal(found, WHOLE)
    assert found.dtype == dtype
    assert found.flags.c_contiguous  # as columns that were stacked: sums are in the same order


def test_a_block_is_held_against_names_and_count() -> None:
    block = Block(("b", "a"), WHOLE.T.copy())
    with pytest.raises(ValueError, match="the columns a, b"):
        matrix_of(block, ("a", "b"), 2)
    with pytest.raises(ValueError, match="3 columns"):
        matrix_of(block, None, 3)
    np.testing.assert_array_equal(picked(block, ("a", "b"), [0])[0], WHOLE[:, 1])
    with pytest.raises(ValueError, match="zip"):
        Block(("a",), WHOLE)


@pytest.mark.parametrize("rows", [1, 2])
def test_columns_stand_side_by_side_in_the_dtype_that_holds_all(rows: int) -> None:
    columns = [np.full(rows, 2**24 + 1), np.full(rows, 0.1, np.float32)]
    found = stacked(columns, np.float64)
    assert found.dtype == np.float64
    assert found.tolist() == [[2**24 + 1, float(np.float32(0.1))]] * rows


def test_text_is_no_number() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        matrix_of({"a": np.array(["x", "y"], object)}, None, 1)

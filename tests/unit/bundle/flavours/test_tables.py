from __future__ import annotations

import numpy as np
import pandas as pd

from trimtab.bundle.flavours.tables import matrix, numeric, without_padding


def test_numbers_of_any_pandas_dtype_are_numeric_and_text_is_not() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [1.5, 2.5], "c": pd.array([1, None], "Int64"), "d": [True, False]})
    assert numeric(frame)
    assert not numeric(frame.assign(e=["x", "y"]))
    assert not numeric(frame.assign(e=pd.Categorical(["x", "y"])))


def test_null_of_a_nullable_column_is_nan() -> None:
    frame = pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean")})
    assert np.array_equal(matrix(frame, np.float32), np.array([[1, 1], [np.nan, np.nan]], np.float32), equal_nan=True)


def test_arrays_of_a_dict_stand_in_the_models_order() -> None:
    arrays = {"b": np.array([1, 2]), "a": np.array([3, 4])}
    assert matrix(arrays, np.float64, ["a", "b"]).tolist() == [[3, 1], [4, 2]]
    assert matrix(arrays, np.float64).tolist() == [[1, 3], [2, 4]]
    assert matrix(arrays, np.float64, ["Column_0", "Column_1"]).tolist() == [[1, 3], [2, 4]]


def test_a_dict_of_one_matrix_is_that_matrix() -> None:
    whole = np.arange(6.0).reshape(2, 3)
    assert matrix({"input": whole}, np.float64) is whole
    assert matrix(whole, np.float32).dtype == np.float32


def test_only_records_are_copied() -> None:
    plain = np.arange(3)
    assert without_padding(plain) is plain
    kind = np.dtype([("a", "i8"), ("b", "u1")], align=True)
    records = np.asfortranarray(np.zeros((2, 2), kind))
    records["a"] = [[1, 2], [3, 4]]
    clean = without_padding(records)
    assert clean.tolist() == records.tolist()
    assert np.isfortran(clean)

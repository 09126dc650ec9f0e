"""Whatever a model answers becomes an array with a dtype of the protocol, or is refused with its reason."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from trimtab.bundle.data.arrays import to_array

NAN = float("nan")
BERLIN = timezone(timedelta(hours=2))


def plain(array):
    """Values that can be compared: NaN as text, arrays as lists."""
    items = [item.tolist() if isinstance(item, np.ndarray) else item for item in array.tolist()]
    return ["nan" if item != item else item for item in items]  # noqa: PLR0124 - NaN


@pytest.mark.parametrize(
    ("value", "dtype", "items"),
    [
        ([1, 2], "int64", [1, 2]),
        ((1, 2.5), "float64", [1.0, 2.5]),
        ([1, None], "float64", [1.0, "nan"]),
        ([NAN, None], "float64", ["nan", "nan"]),
        ([True, False], "bool", [True, False]),
        ([np.float32(0.5)], "float32", [0.5]),
        (["a", None, NAN], "object", ["a", None, None]),
        ([b"a", None], "object", [b"a", None]),
        ([None, None], "object", [None, None]),
        ([], "object", []),
        (np.array(["a", "bc"]), "object", ["a", "bc"]),
        (np.array([1, 2], ">i4"), "int32", [1, 2]),
        (np.array([1, None], object), "float64", [1.0, "nan"]),
        ([[1, 2], [3, 4]], "int64", [[1, 2], [3, 4]]),
        ([[1], [2.5, 3]], "object", [[1.0], [2.5, 3.0]]),
        ([[1, 2], None], "object", [[1, 2], None]),
        ([[], [1]], "object", [[], [1]]),
        ([["a"], ["b", "c"]], "object", [["a"], ["b", "c"]]),
        (sparse.csr_matrix([[0.0, 1.0]]), "float64", [[0.0, 1.0]]),
        (pd.Series([1, 2], dtype="int16"), "int16", [1, 2]),
        (pd.Series([1, None], dtype="Int16"), "float64", [1.0, "nan"]),
        (pd.Series([1, 2], dtype="Int16"), "int16", [1, 2]),
        (pd.Series([0.5, None], dtype="Float32"), "float32", [0.5, "nan"]),
        (pd.Series([True, False], dtype="boolean"), "bool", [True, False]),
        (pd.Series(["a", None], dtype="string"), "object", ["a", None]),
        (pd.Series(["b", None, "a"], dtype="category"), "object", ["b", None, "a"]),
        (pd.Series([3, 1], dtype="category"), "int64", [3, 1]),
        (pd.Index([1.5]), "float64", [1.5]),
    ],
)
def test_values_of_any_holder(value, dtype, items):
    array = to_array(value)
    assert (str(array.dtype), plain(array)) == (dtype, items)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.array(["2020-01-01T00:00:00"], "M8[ms]"), "datetime64[ms]"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64[s]"),
        ([datetime(2020, 1, 1, tzinfo=UTC)], "datetime64[us]"),
        ([datetime(2020, 1, 1, 2, tzinfo=BERLIN)], "datetime64[us]"),
        ([date(2020, 1, 1)], "datetime64[us]"),
        ([pd.Timestamp("2020-01-01")], "datetime64[us]"),
        (
            pd.Series(pd.to_datetime(["2020-01-01T02:00+02:00"])).astype("datetime64[ns, Europe/Berlin]"),
            "datetime64[ns]",
        ),
    ],
)
def test_times_are_utc(value, dtype):
    array = to_array(value)
    assert str(array.dtype) == dtype
    assert array.astype("M8[s]").tolist() == [datetime(2020, 1, 1)]  # noqa: DTZ001  # arrays of times have no zone


def test_missing_times_are_nat():
    assert np.isnat(to_array([None, datetime(2020, 1, 1, tzinfo=UTC), pd.NaT])).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (3, "a single value, not one a row"),
        ("text", "a single value, not one a row"),
        (None, "None"),
        ([1, "a"], "values of type `int`, `str`"),
        ([True, 1], "values of type `bool`, `int`"),
        ([True, None], "values of type `NoneType`, `bool`"),
        ([Decimal(1)], "values of type `Decimal`"),
        ([{"a": 1}], "values of type `dict`"),
        (np.array([1j]), "no Open Inference Protocol datatype for numpy `complex128`"),
        (pd.Series([True, None], dtype="boolean"), "booleans with missing values"),
    ],
)
def test_what_cannot_be_a_column_says_why(value, what):
    with pytest.raises(TypeError, match=what.replace("(", r"\(")):
        to_array(value)

"""Each pandas dtype becomes a field that gives it back."""

# ruff: noqa: PD011 - `values` is the array of our own Column here, not that of a pandas object

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.data.frames import framer
from trimtab.bundle.sample.infer import ColumnError
from trimtab.bundle.sample.series import from_series
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature

TIMES = pd.Series(pd.to_datetime(["2013-01-01T12:00", None]))


def series(values, dtype):
    return pd.Series(values, dtype=dtype)


SERIES = [
    (series([1, 2], "int8"), Field("x", "INT8", frame="int8")),
    (series([1, None], "Int16"), Field("x", "INT16", nullable=True, frame="Int16")),
    (series([1, 2], "UInt8"), Field("x", "UINT8", frame="UInt8")),
    (series([0.5, None], "float32"), Field("x", "FP32", nullable=True, frame="float32")),
    (series([0.5, None], "Float64"), Field("x", "FP64", nullable=True, frame="Float64")),
    (series([True, False], "bool"), Field("x", "BOOL", frame="bool")),
    (series([True, None], "boolean"), Field("x", "BOOL", nullable=True, frame="boolean")),
    (series(["a", None], "object"), Field("x", "BYTES", nullable=True, frame="object")),
    (series(["b", "a"], "category"), Field("x", "BYTES", categories=("a", "b"), frame="category")),
    (
        pd.Series(pd.Categorical.from_codes([1, -1, 0], [1, 3])),
        Field("x", "INT64", nullable=True, categories=(1, 3), frame="category"),
    ),
    (TIMES.astype("datetime64[ms]"), Field("x", "BYTES", nullable=True, kind="datetime", frame="datetime64[ms]")),
    (
        TIMES.astype("datetime64[ns]").dt.tz_localize("Europe/Berlin"),
        Field("x", "BYTES", nullable=True, kind="datetime", frame="datetime64[ns, Europe/Berlin]"),
    ),
]


@pytest.mark.parametrize(("column", "field"), SERIES, ids=[field.frame + field.dtype for _, field in SERIES])
def test_a_column_is_described_and_comes_back_as_it_was(column, field):
    found, raw = from_series("x", column)
    assert found == field
    signature = Signature((field,))
    frame = framer(signature.inputs)(check(signature, {"x": raw}))
    pd.testing.assert_series_equal(frame["x"], column, check_names=False)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        (series(["a", None], "string"), Field("x", "BYTES", nullable=True)),
        (series([1.0, None], "float64[pyarrow]"), Field("x", "FP64", nullable=True)),
    ],
)
def test_other_holders_of_the_same_values(column, field):
    found, _ = from_series("x", column)
    assert (found.dtype, found.nullable, found.frame) == (field.dtype, True, str(column.dtype))


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (series([1j], "complex128"), "P265"),
        (pd.Series(pd.to_timedelta(["1s"])), "P265"),
        (pd.Series(pd.period_range("2013", periods=1, freq="Y")), "P265"),
        (pd.Series(pd.Categorical([None], categories=[])), "P267"),
        (series(pd.Categorical(pd.to_datetime(["2013-01-01"])), "category"), "P265"),
    ],
)
def test_a_column_that_no_field_can_be_made_of(column, code):
    with pytest.raises(ColumnError) as caught:
        from_series("x", column)
    assert caught.value.problem.code == code
    assert "`x`" in caught.value.problem.what


def test_a_mask_is_that_of_the_column():
    _, column = from_series("x", series([1, None], "Int64"))
    assert (column.values.tolist(), column.missing.tolist()) == ([1, 0], [False, True])
    assert from_series("x", series([1, 2], "Int64"))[1].missing is None
    assert np.array_equal(from_series("x", series([1, 2], "int64"))[1].values, [1, 2])

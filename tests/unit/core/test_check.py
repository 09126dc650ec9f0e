"""A request against its signature: everything wrong is named, everything right keeps its type."""

import numpy as np
import pytest

from trimtab.core.check import SignatureError, check
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table, concat


def one(field, values):
    return check(Signature((field,)), {field.name: values}).columns[field.name]


def faults(signature, columns):
    with pytest.raises(SignatureError) as caught:
        check(signature, columns)
    return [str(fault) for fault in caught.value.faults]


def test_all_faults_of_a_request_are_named_at_once():
    signature = Signature(
        (
            Field("age", "INT64", low=0, high=120),
            Field("plan", "BYTES", categories=("basic", "plus")),
            Field("spend", "FP64"),
            Field("city", "BYTES", nullable=True),
        )
    )
    columns = {"age": [30, -1, 2.5], "plan": ["plsu", "basic", "plus"], "spent": [1.0, 2.0, 3.0]}
    assert faults(signature, columns) == [
        "column `spent`: unknown column (did you mean `spend`?)",
        "column `age`, row 2: `2.5` is no integer",
        "column `age`, row 1: `-1` is outside 0 to 120",
        'column `plan`, row 0: unseen category `"plsu"`, did you mean `plus`?',
        "column `spend`: missing column (the signature wants `spend FP64[-1]`)",
        "column `city`: missing column (the signature wants `city BYTES[-1]`)",
    ]


def test_the_table_has_the_order_of_the_signature_and_the_dtypes_of_the_fields():
    signature = Signature((Field("a", "FP32"), Field("b", "INT8"), Field("c", "BYTES"), Field("d", "BOOL")))
    table = check(signature, {"d": [True], "c": ["x"], "b": [1], "a": [1]})
    assert list(table.columns) == ["a", "b", "c", "d"]
    assert [column.values.dtype for column in table.columns.values()] == [np.float32, np.int8, object, bool]
    assert table.height == 1


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_null_is_a_fault_only_where_the_column_is_not_nullable(value):
    assert faults(Signature((Field("x", "FP64"),)), {"x": [1.0, value]}) == [
        "column `x`, row 1: null or NaN in a column that is not nullable"
    ]
    column = one(Field("x", "FP64", nullable=True), [1.0, value])
    assert np.isnan(column.values[1])
    assert column.missing.tolist() == [False, True]


def test_integers_with_nulls_stay_integers_under_a_mask():
    column = one(Field("n", "INT64", nullable=True), [2**62 + 1, None])
    assert column.values.dtype == np.int64
    assert column.values[0] == 2**62 + 1
    assert column.missing.tolist() == [False, True]


@pytest.mark.parametrize("dtype", ["INT8", "UINT8", "INT64", "UINT64"])
def test_integers_hold_their_whole_range_and_nothing_beyond(dtype):
    info = np.iinfo(dtype.lower())
    assert one(Field("n", dtype), [info.min, info.max]).values.tolist() == [info.min, info.max]
    assert faults(Signature((Field("n", dtype),)), {"n": [info.max + 1]}) == [
        f"column `n`, row 0: `{info.max + 1}` does not fit {dtype}"
    ]


@pytest.mark.parametrize(
    ("dtype", "largest", "rounded"), [("FP16", 65504.0, 65519.9), ("FP32", 3.4028234e38, 3.4028235e38)]
)
def test_a_number_that_rounds_to_the_largest_float_is_taken_whatever_its_neighbours_are(dtype, largest, rounded):
    field = Field("x", dtype)
    assert one(field, [rounded]).values[0] == pytest.approx(largest, rel=1e-6)
    assert faults(Signature((field,)), {"x": [rounded, "no number", 2 * rounded]}) == [
        'column `x`, row 1: `"no number"` is no number',
        f"column `x`, row 2: `{2 * rounded}` does not fit {dtype}",
    ]


@pytest.mark.parametrize(
    ("array", "field", "what"),
    [
        (np.zeros(2, "f8"), Field("x", "FP32"), "datatype FP64, the signature says FP32 (send `x` as FP32)"),
        (np.zeros(2, "i8"), Field("x", "INT32"), "datatype INT64, the signature says INT32 (send `x` as INT32)"),
        (np.zeros(2, bool), Field("x", "INT32"), "datatype BOOL, the signature says INT32 (send `x` as INT32)"),
        (np.zeros((2, 3)), Field("x", "FP64"), "shape [2, 3], the signature says [-1]"),
        (np.zeros((2, 3)), Field("x", "FP64", (-1, 4)), "shape [2, 3], the signature says [-1, 4]"),
        (np.zeros(2, "M8[s]"), Field("x", "INT64"), "holds times, the signature says INT64"),
        (np.zeros(2, complex), Field("x", "FP64"), "no Open Inference Protocol datatype for numpy `complex128`"),
    ],
)
def test_a_typed_column_of_another_dtype_or_shape_is_refused(array, field, what):
    assert faults(Signature((field,)), {"x": Column(array)}) == [f"column `x`: {what}"]


def test_typed_columns_widen_without_loss_and_one_column_matrices_are_columns():
    assert one(Field("x", "FP64"), Column(np.float32([0.5]))).values.dtype == np.float64
    assert one(Field("x", "INT64"), Column(np.int8([[1], [2]]))).values.tolist() == [1, 2]


def test_bytes_from_a_binary_tensor_become_text_and_bad_text_is_named():
    array = np.array(["é".encode(), b"\xff"], object)
    assert faults(Signature((Field("t", "BYTES"),)), {"t": Column(array)}) == [
        "column `t`, row 1: `b'\\xff'` is no UTF-8 text"
    ]
    assert one(Field("t", "BYTES"), Column(array[:1])).values.tolist() == ["é"]
    assert one(Field("t", "BYTES", kind="bytes"), Column(array)).values.tolist() == ["é".encode(), b"\xff"]


def test_lone_surrogates_and_control_characters_are_shown_escaped():
    assert faults(Signature((Field("t", "BYTES"),)), {"t": ["a\ud800\n"]}) == [
        'column `t`, row 0: `"a\\ud800\\n"` is no valid Unicode text'
    ]


def test_times_are_utc_and_keep_the_unit_of_the_frame():
    field = Field("t", "BYTES", kind="datetime", frame="datetime64[ns, Europe/Berlin]", nullable=True)
    column = one(field, ["2013-07-01T12:00:00.123456789+02:00", "2013-07-01", None])
    assert column.values.tolist()[0] == 1372672800123456789
    assert str(column.values[1]) == "2013-07-01T00:00:00.000000000"
    assert np.isnat(column.values[2])
    assert faults(Signature((field,)), {"t": ["yesterday", "9999-01-01"]}) == [
        'column `t`, row 0: `"yesterday"` is no ISO 8601 time',
        'column `t`, row 1: `"9999-01-01"` is no ISO 8601 time',
    ]


def test_lists_of_a_fixed_length_become_one_array():
    field = Field("v", "FP32", (-1, 2))
    assert one(field, [[1, 2.5], [3, 4]]).values.tolist() == [[1.0, 2.5], [3.0, 4.0]]
    assert faults(Signature((field,)), {"v": [[1, 2], [1], 7, [1, "a"], [None, 1], [float("nan"), 0]]}) == [
        "column `v`, row 1: has the shape [1], expected [2]",
        "column `v`, row 2: `7` is no list",
        'column `v`, row 3: `"a"` is no number',
        "column `v`, row 4: there is a null inside the list",
        "column `v`, row 5: NaN in a column that is not nullable",
    ]


def test_lists_of_varying_length_stay_an_array_a_row():
    field = Field("v", "BYTES", (-1, -1), nullable=True)
    column = one(field, [["a", "b"], [], None, ["c"]])
    assert [None if item is None else item.tolist() for item in column.values] == [["a", "b"], [], None, ["c"]]
    rectangle = one(Field("v", "INT64", (-1, -1)), Column(np.arange(4).reshape(2, 2)))
    assert [item.tolist() for item in rectangle.values] == [[0, 1], [2, 3]]


def test_the_range_holds_inside_of_lists_of_fixed_and_of_varying_length():
    values = [[1, 2], [3, -1], [0, 9]]
    for shape in ((-1, 2), (-1, -1)):
        assert faults(Signature((Field("v", "INT64", shape, low=0, high=8),)), {"v": values}) == [
            "column `v`, row 1: `[3, -1]` is outside 0 to 8",
            "column `v`, row 2: `[0, 9]` is outside 0 to 8",
        ]
    field = Field("v", "FP64", (-1, -1), nullable=True, low=0)
    assert one(field, [[], None, [1, 2, 3]]).missing.tolist() == [False, True, False]


def test_unequal_heights_are_named_with_the_longest_column():
    signature = Signature((Field("a", "INT64"), Field("b", "INT64")))
    assert faults(signature, {"a": [1, 2], "b": [1]}) == ["column `b`: 1 rows, `a` has 2"]


def test_many_faults_of_one_kind_are_counted_after_the_first_twenty():
    found = faults(Signature((Field("a", "INT64"),)), {"a": ["x"] * 1000})
    assert len(found) == 21
    assert found[-1] == "column `a`: 980 more rows like these"


def test_an_empty_request_is_an_empty_table():
    table = check(Signature((Field("a", "INT64"), Field("v", "FP32", (-1, 2)))), {"a": [], "v": []})
    assert table.height == 0
    assert table.columns["v"].values.shape == (0, 2)


def test_an_integer_of_five_thousand_digits_is_refused_briefly():
    assert faults(Signature((Field("a", "FP64"),)), {"a": [10**5000]}) == [
        "column `a`, row 0: `an integer of 16610 bits` does not fit FP64"
    ]


def test_tables_are_cut_and_joined_with_their_masks():
    table = check(Signature((Field("a", "INT64", nullable=True),)), {"a": [1, None, 3]})
    parts = [table.rows(slice(0, 1)), table.rows(np.array([1, 2]))]
    joined = concat([Table({"a": Column(parts[0].columns["a"].values)}, 1), parts[1]])
    assert joined.height == 3
    assert joined.columns["a"].missing.tolist() == [False, True, False]

"""Python values to a column: strict, and every fault is named with its value."""

import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.core.values import ValueFault, parse_values, show

HUGE = 10**400


@pytest.mark.parametrize(
    ("dtype", "values", "array"),
    [
        ("BOOL", [True, False], [True, False]),
        ("INT8", [-128, 127], [-128, 127]),
        ("INT64", [1.0, 2], [1, 2]),
        ("UINT64", [2**64 - 1], [2**64 - 1]),
        ("FP64", [1, 0.5, "Infinity", "-Infinity"], [1.0, 0.5, np.inf, -np.inf]),
        ("FP64", [2**53 + 1], [float(2**53)]),
        ("FP16", [65504], [65504.0]),
        ("BYTES", ["a", "é"], ["a", "é"]),
        ("BYTES", ["a", b"b"], ["a", "b"]),
        ("INT8", [], []),
    ],
)
def test_what_fits_is_of_the_dtype(dtype, values, array):
    column, faults = parse_values(values, Field("x", dtype))
    assert (column.values.tolist(), column.missing, faults) == (array, None, [])


@pytest.mark.parametrize(
    ("dtype", "value", "what"),
    [
        ("BOOL", 1, "`1` is no boolean"),
        ("BOOL", "true", '`"true"` is no boolean'),
        ("INT8", 128, "`128` does not fit INT8"),
        ("INT8", 1.5, "`1.5` is no integer"),
        ("INT8", True, "`True` is no integer"),
        ("INT8", "1", '`"1"` is no integer'),
        ("INT8", float("inf"), "`inf` is no integer"),
        ("UINT8", -1, "`-1` does not fit UINT8"),
        ("FP64", True, "`True` is no number"),
        ("FP64", "1.5", '`"1.5"` is no number'),
        ("FP64", "infinity", '`"infinity"` is no number'),
        ("FP64", HUGE, "`an integer of 1329 bits` does not fit FP64"),
        ("FP32", 1e39, "`1e+39` does not fit FP32"),
        ("FP16", 1e5, "`100000.0` does not fit FP16"),
        ("BYTES", 1, "`1` is no text"),
        ("BYTES", b"\xff", "`b'\\xff'` is no UTF-8 text"),
        ("BYTES", "\ud800", '`"\\ud800"` is no valid Unicode text'),
        ("BYTES", {"a": 1}, "`{'a': 1}` is no text"),
    ],
)
def test_what_does_not_is_named_and_leaves_a_filler(dtype, value, what):
    good = {"BOOL": True, "BYTES": "a"}.get(dtype, 1)
    column, faults = parse_values([good, value, good], Field("x", dtype))
    assert faults == [ValueFault(1, what)]
    assert column.values[0] == good
    assert column.values[2] == good


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("dtype", ["BOOL", "INT8", "FP32", "BYTES"])
def test_nulls_are_marked_whether_the_rest_fits_or_not(dtype, odd):
    good = {"BOOL": True, "BYTES": "a"}.get(dtype, 1)
    column, faults = parse_values([None, [1] if odd else good], Field("x", dtype))
    assert column.missing.tolist() == [True, False]
    assert [fault.row for fault in faults] == [1] * odd


def test_bytes_take_text_and_bytes():
    column, faults = parse_values(["é", b"\xff"], Field("x", "BYTES", kind="bytes"))
    assert (column.values.tolist(), faults) == (["é".encode(), b"\xff"], [])


def test_times_and_lists_are_parsed_by_their_own_modules():
    times, faults = parse_values(["2020-01-01", "x"], Field("x", "BYTES", kind="datetime"))
    assert (str(times.values[0]), faults) == (
        "2020-01-01T00:00:00.000000",
        [ValueFault(1, '`"x"` is no ISO 8601 time')],
    )
    assert parse_values([[1, 2]], Field("x", "INT8", (-1, 2)))[0].values.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '`"a"`'),
        ("\n\x1b[31m", '`"\\n\\u001b[31m"`'),
        ("é", '`"é"`'),
        ("x" * 100, '`"' + "x" * 39 + "...`"),
        (2**300, "`an integer of 301 bits`"),
        ([1], "`[1]`"),
    ],
)
def test_a_value_is_shown_short_and_on_one_line(value, text):
    assert show(value) == text

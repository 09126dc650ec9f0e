"""Numbers and times, roughly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.dtypes import DTYPES, INTEGERS
from trimtab.journal.privacy.buckets import bucket_numbers, bucket_times


@pytest.mark.parametrize("dtype", ["INT8", "INT16", "INT32", "INT64", "UINT8", "FP16", "FP32", "FP64"])
def test_numbers_become_the_lower_end_of_their_bucket(dtype):
    values = np.array([0, 1, 9, 10, 11, 99], DTYPES[dtype])
    lower = bucket_numbers(10.0, dtype)(values)
    assert lower.tolist() == [0, 0, 0, 10, 10, 90]
    assert lower.dtype == values.dtype


def test_below_zero_buckets_go_on_downwards():
    assert bucket_numbers(10.0, "INT8")(np.array([-1, -10, -11, -120, -121, -128], np.int8)).tolist() == [
        -10, -10, -20, -120, -128, -128,
    ]  # fmt: skip
    assert bucket_numbers(10.0, "FP64")(np.array([-0.5, -10, -10.5])).tolist() == [-10, -10, -20]


def test_ends_are_written_as_people_write_them():
    assert bucket_numbers(0.1, "FP64")(np.array([0.35, 0.3, 0.29, -0.05])).tolist() == [0.3, 0.3, 0.2, -0.1]


def test_what_is_no_number_stays():
    with np.errstate(all="raise"):
        lower = bucket_numbers(0.1, "FP64")(np.array([math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324]))
    assert math.isnan(lower[0])
    assert lower[1:].tolist() == [math.inf, -math.inf, 1e308, -1e308, 0]
    assert bucket_numbers(1000, "FP16")(np.array([-65504], np.float16)).tolist() == [-65504]


@given(st.sampled_from(sorted(INTEGERS)), st.integers(2, 10**17), st.data())
def test_every_integer_lies_in_the_bucket_that_it_is_told(dtype, width, data):
    info = np.iinfo(DTYPES[dtype])
    value = data.draw(st.integers(int(info.min), int(info.max)))
    lower = bucket_numbers(float(width), dtype)(np.array([value], DTYPES[dtype])).tolist()[0]
    assert lower == max(value // int(float(width)) * int(float(width)), info.min)


@given(st.floats(1e-6, 1e6), st.floats(-1e6, 1e6))
def test_every_float_lies_in_the_bucket_that_it_is_told(width, value):
    lower = bucket_numbers(width, "FP64")(np.array([value])).tolist()[0]
    slack = 1e-9 * max(1, abs(value))
    assert lower <= value
    assert value < lower + width + slack
    assert abs(lower / width - round(lower / width)) < 1e-9 * max(1, abs(lower / width))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_become_the_beginning_of_their_day_month_or_year(unit):
    times = np.array(["2026-07-15T13:14:15", "1969-12-31T23:59:59", "NaT"], f"datetime64[{unit}]")
    days, months, years = (bucket_times(coarse)(times) for coarse in ("day", "month", "year"))
    assert days.astype("datetime64[D]").astype(str).tolist() == ["2026-07-15", "1969-12-31", "NaT"]
    assert months.astype("datetime64[D]").astype(str).tolist() == ["2026-07-01", "1969-12-01", "NaT"]
    assert years.astype("datetime64[D]").astype(str).tolist() == ["2026-01-01", "1969-01-01", "NaT"]
    assert {found.dtype for found in (days, months, years)} == {times.dtype}


def test_the_first_year_of_nanoseconds_begins_late():
    first = np.array([np.iinfo(np.int64).min + 5]).view("datetime64[ns]")
    lower = bucket_times("year")(first)
    assert not np.isnat(lower[0])
    assert lower[0] < first[0]


@given(
    st.sampled_from([0.1, 0.25, 3.0, 10.0, 1e-5, 1e6, 1 / 3]) | st.floats(1e-9, 1e9),
    st.lists(st.floats(), min_size=1, max_size=3),
    st.sampled_from(["FP16", "FP32", "FP64"]),
)
def test_one_number_lies_where_it_lies_among_many(width, values, dtype):
    with np.errstate(over="ignore"):
        few = np.array(values, np.float64).astype(DTYPES[dtype])
    lower = bucket_numbers(width, dtype)
    assert lower(few).tobytes() == lower(np.tile(few, 9))[: len(few)].tobytes()

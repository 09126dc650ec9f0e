"""Times between ISO 8601 text and datetime64 in UTC."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.core.datetimes import format_datetimes, is_zoned, parse_datetimes, unit_of
from trimtab.core.signature import Field

UNITS = ["s", "ms", "us", "ns"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2013-07-01", "2013-07-01T00:00:00"),
        ("2013-07-01T12:00", "2013-07-01T12:00:00"),
        ("2013-07-01 12:00:00", "2013-07-01T12:00:00"),
        ("2013-07-01T12:00:00Z", "2013-07-01T12:00:00"),
        ("2013-07-01T12:00:00+02:00", "2013-07-01T10:00:00"),
        ("2013-07-01T00:30:00-11:30", "2013-07-01T12:00:00"),
        ("20130701T120000", "2013-07-01T12:00:00"),
        (b"2013-07-01T12:00:00.5", "2013-07-01T12:00:00.5"),
        ("1900-01-01T00:00:00.000001", "1900-01-01T00:00:00.000001"),
        ("2013-07-01T12:00:00.1234567", "2013-07-01T12:00:00.1234567"),
        ("2013-07-01T12:00:00.123456789999", "2013-07-01T12:00:00.123456789"),
    ],
)
@pytest.mark.parametrize("unit", UNITS)
def test_a_time_is_read_in_utc_and_cut_to_the_unit(text, utc, unit):
    times, bad = parse_datetimes([text], unit)
    assert (times.dtype, bad) == (np.dtype(f"M8[{unit}]"), [])
    assert times[0] == np.datetime64(utc, "ns").astype(f"M8[{unit}]")


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2013-13-01", "2013-02-29", "12:00", 3, 3.5, True, b"\xff", ["2013"]],
)
def test_what_is_no_time_is_named_by_its_place(value):
    times, bad = parse_datetimes(["2013-07-01", value, None], "us")
    assert bad == [1]
    assert np.isnat(times).tolist() == [False, True, True]


@pytest.mark.parametrize("text", ["1600-01-01", "2300-01-01"])
def test_a_time_beyond_what_the_unit_holds_is_bad_there_only(text):
    assert parse_datetimes([text], "ns")[1] == [0]
    assert parse_datetimes([text], "us")[1] == []


@pytest.mark.parametrize(
    ("inside", "beyond"),
    [
        ("0001-01-01T23:00+23:00", "0001-01-01T22:59:59+23:00"),
        ("9999-12-31T00:59:59-23:00", "9999-12-31T01:00-23:00"),
    ],
)
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_an_offset_that_leads_out_of_the_calendar_is_bad(inside, beyond, unit):
    times, bad = parse_datetimes([inside, beyond], unit)
    assert bad == [1]
    assert format_datetimes(times[:1], zoned=True)[0][:4] in ("0001", "9999")
    assert np.isnat(times[1])


@settings(max_examples=50)
@given(st.sampled_from(UNITS), st.lists(st.none() | st.datetimes(), max_size=4), st.booleans())
def test_any_time_survives_its_text(unit, moments, zoned):
    times = np.array(moments, "M8[us]")
    if unit == "ns":
        times = times[(times > np.datetime64("1700")) & (times < np.datetime64("2200")) | np.isnat(times)]
    times = times.astype(f"M8[{unit}]")
    texts = format_datetimes(times, zoned=zoned)
    again, bad = parse_datetimes(texts, unit)
    assert bad == []
    assert np.array_equal(again, times, equal_nan=True)
    assert all(text is None or text.endswith("Z") == zoned for text in texts)


@pytest.mark.parametrize(
    ("frame", "unit", "zoned"),
    [
        ("", "us", False),
        ("datetime64[ms]", "ms", False),
        ("datetime64[ns, UTC]", "ns", True),
        ("datetime64[s,Europe/Berlin]", "s", True),
        ("object", "us", False),
        ("datetime64[D]", "us", False),
    ],
)
def test_unit_and_zone_come_from_the_frame(frame, unit, zoned):
    field = Field("t", "BYTES", kind="datetime", frame=frame)
    assert (unit_of(field), is_zoned(field)) == (unit, zoned)

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.project.units import DURATIONS, SIZES, UnitError, pattern, quantity, shares


@pytest.mark.parametrize(
    ("text", "units", "value"),
    [
        ("30s", DURATIONS, 30.0),
        ("250ms", DURATIONS, 0.25),
        ("1.5h", DURATIONS, 5400.0),
        ("10m", DURATIONS, 600.0),
        ("64MiB", SIZES, 64 * 2**20),
        ("1.5kB", SIZES, 1500),
        ("1GB", SIZES, 10**9),
        ("0B", SIZES, 0),
    ],
)
def test_a_number_and_its_unit_become_seconds_or_bytes(text, units, value):
    assert quantity(text, units) == value


@pytest.mark.parametrize(
    ("text", "units", "meant"),
    [
        ("30 sek", DURATIONS, "30s"),
        ("30 s", DURATIONS, "30s"),
        ("2 minutes", DURATIONS, "2m"),
        ("5msec", DURATIONS, "5ms"),
        ("1Hour", DURATIONS, "1h"),
        ("30", DURATIONS, "30s"),
        (30, DURATIONS, "30s"),
        ("3 fortnights", DURATIONS, "3s"),
        ("64 mib", SIZES, "64MiB"),
        ("64M", SIZES, "64MiB"),
        ("2 gigs", SIZES, "2GiB"),
        ("10 bytes", SIZES, "10B"),
        ("5kb", SIZES, "5kB"),
    ],
)
def test_another_unit_names_the_accepted_ones_and_the_nearest(text, units, meant):
    with pytest.raises(UnitError) as caught:
        quantity(text, units)
    assert all(f"`{unit}`" in caught.value.what for unit in units) or "blank" in caught.value.what
    assert caught.value.hint == f"did you mean `{meant}`?"


@pytest.mark.parametrize("text", ["", "s", "-5s", "1e3s", "5s5s", "five s", "5\ns\n5"])
def test_what_is_no_quantity_at_all_gets_an_example(text):
    with pytest.raises(UnitError, match="not a number with a unit") as caught:
        quantity(text, DURATIONS)
    assert "30s" in caught.value.hint


@given(st.integers(0, 10**6), st.sampled_from([*DURATIONS, *SIZES]))
def test_the_pattern_of_the_schema_accepts_what_reading_accepts(number, unit):
    units = DURATIONS if unit in DURATIONS else SIZES
    assert re.search(pattern(units), f"{number}{unit}")
    assert quantity(f"{number}{unit}", units) == number * units[unit]


@given(st.text(max_size=12))
def test_whatever_the_text_there_is_a_quantity_or_a_unit_error(text):
    for units in (DURATIONS, SIZES):
        try:
            accepted = quantity(text, units) >= 0
        except UnitError:
            accepted = False
        # "$" of a pattern also matches before a last newline, reading does not
        assert accepted == bool(re.fullmatch(pattern(units)[1:-1], text))


def test_shares_are_percents_that_grow():
    assert shares([5, 25.5, 100]) == (0.05, 0.255, 1.0)
    for wrong in ([], [0], [101], [5, 5], [50, 5], [-1]):
        with pytest.raises(ValueError, match="percents"):
            shares(wrong)
    for strange in ("5", ["5"], [True], None):
        with pytest.raises(TypeError):
            shares(strange)

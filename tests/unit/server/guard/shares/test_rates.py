"""Rates: what is read, what is refused in words, and nothing that the package would read otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limits import parse_many
from trimtab.server.guard.shares.rates import Rate, check_rates, parse_rates

DAY_S = 86_400


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("", ()),
        ("100/second", (Rate(100, 1, "100 per 1 second"),)),
        ("1000000/day; 100/second", (Rate(100, 1, "100 per 1 second"), Rate(1000000, DAY_S, "1000000 per 1 day"))),
        ("5 per 2 Minutes|1/month", (Rate(5, 120, "5 per 2 minute"), Rate(1, 30 * DAY_S, "1 per 1 month"))),
        ("0/hour", (Rate(0, 3600, "0 per 1 hour"),)),
    ],
)
def test_rates_are_read_and_the_longest_window_is_the_last(text, rates):
    assert check_rates(text) == ""
    assert parse_rates(text) == rates


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("100", "`100` is not a rate"),
        ("100/fortnight", "`100/fortnight` is not a rate"),
        ("100/second;", "`` is not a rate"),
        ("-1/second", "`-1/second` is not a rate"),
        ("1.5/second", "`1.5/second` is not a rate"),
        ("5/second; x; y", "`x` is not a rate"),
        ("5 per 0 seconds", "over 0 seconds"),
        ("5 per 11 years", "over 11 years"),
        (f"{10**15 + 1}/day", "more than can be counted"),
        ("5/minute, 7 per 60 seconds", "as long a time as another"),
        ("1/\N{LATIN SMALL LETTER LONG S}econd", "is not a rate"),
        ("1/second" + " " * 200, "of 208 characters"),
    ],
)
def test_what_is_no_rate_is_said(text, says):
    assert says in check_rates(text)


unit = st.sampled_from(["second", "seconds", "minute", "hour", "Days", "month", "year", "week", "s"])
one = st.tuples(st.integers(0, 10**16), st.sampled_from(["/", " per ", "per", " / ", ":"]), st.integers(0, 20), unit)
spelled = one.map(lambda part: f"{part[0]}{part[1]}{part[2] or ''} {part[3]}")


@given(st.one_of(st.lists(spelled, min_size=1, max_size=3).map(";".join), st.text(max_size=30)))
def test_whatever_has_no_fault_is_read_by_the_package_and_means_the_same(text):
    if text and not check_rates(text):
        items = parse_many(text)
        assert {(item.amount, item.get_expiry()) for item in items} == {rate[:2] for rate in parse_rates(text)}

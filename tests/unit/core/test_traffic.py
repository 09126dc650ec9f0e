from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.traffic import Traffic, arm_of, point_of, probability_of

FLIGHTS, KEYS, SHARES = st.text(max_size=20), st.binary(max_size=30), st.floats(0.0, 1.0)


@given(FLIGHTS, KEYS, SHARES, SHARES)
def test_whoever_is_in_the_challenger_stays_there_when_the_share_grows(flight, key, one, other):
    less, more = sorted((one, other))
    if arm_of(Traffic(flight, less), key) == "challenger":
        assert arm_of(Traffic(flight, more), key) == "challenger"


@given(FLIGHTS, KEYS)
def test_nobody_is_in_no_share_and_everybody_in_all_of_it(flight, key):
    assert 0.0 <= point_of(flight, key) < 1.0
    assert arm_of(Traffic(flight, 0.0), key) == "champion"
    assert arm_of(Traffic(flight, 1.0), key) == "challenger"


def test_a_key_stands_elsewhere_in_every_flight_and_for_ever_in_one():
    assert point_of("churn-1", b"ada") == point_of("churn-1", b"ada") != point_of("churn-2", b"ada")


def test_a_share_of_many_keys_is_that_share():
    traffic = Traffic("churn-1", 0.25)
    found = sum(arm_of(traffic, b"%d" % key) == "challenger" for key in range(20_000))
    assert abs(found - 5000) < 5 * (20_000 * 0.25 * 0.75) ** 0.5
    assert (probability_of(traffic, "challenger"), probability_of(traffic, "champion")) == (0.25, 0.75)

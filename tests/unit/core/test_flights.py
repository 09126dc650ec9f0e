from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.flights import LATENCY_S, ArmCounts, bucket_of


@given(st.floats(0.0, 1e4))
def test_a_latency_is_in_the_bucket_that_it_is_not_above(seconds):
    at = bucket_of(seconds)
    assert at == len(LATENCY_S) or seconds <= LATENCY_S[at]
    assert at == 0 or seconds > LATENCY_S[at - 1]


def test_there_is_a_bucket_for_everything():
    assert list(LATENCY_S) == sorted(LATENCY_S)
    assert LATENCY_S[0] == 50e-6
    assert LATENCY_S[-1] > 60
    assert len(ArmCounts().latency) == len(LATENCY_S) + 1

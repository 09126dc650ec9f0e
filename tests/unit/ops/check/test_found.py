import pytest

from trimtab.core.attestations import Measure
from trimtab.ops.check.found import Interval, held_to, verdict_of, within


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], "UNKNOWN"),
        (["PASS"], "PASS"),
        (["PASS", "WARN"], "WARN"),
        (["WARN", "UNKNOWN", "PASS"], "UNKNOWN"),
        (["UNKNOWN", "FAIL"], "FAIL"),
    ],
)
def test_the_worst_measure_counts_and_none_is_no_success(verdicts, worst):
    assert verdict_of(Measure("m", None, one) for one in verdicts) == worst


@pytest.mark.parametrize(
    ("ends", "bounds", "verdict"),
    [
        ((1, 2), {"at_most": 2}, "PASS"),
        ((1, 2), {"at_most": 1.5}, "UNKNOWN"),
        ((1, 2), {"at_most": 0.9}, "FAIL"),
        ((1, 2), {"at_least": 1}, "PASS"),
        ((1, 2), {"at_least": 1.5}, "UNKNOWN"),
        ((1, 2), {"at_least": 2.1}, "FAIL"),
        ((1, 2), {"at_least": 0.5, "at_most": 1.5}, "UNKNOWN"),
        ((1, 2), {}, "PASS"),
    ],
)
def test_an_interval_across_a_bound_says_nothing(ends, bounds, verdict):
    assert within(Interval(1.5, *ends), **bounds) == verdict


def test_a_number_is_held_to_the_most_it_may_be():
    assert (held_to("n", 1, 1).verdict, held_to("n", 2, 1).verdict) == ("PASS", "FAIL")

import pytest

from trimtab.ops.check.checks.load import check, measures_of
from trimtab.ops.check.subject import Load
from trimtab.release.flight.plan import Limit


def parts(*p99, failed=0):
    return tuple(Load(1000, 500.0, one / 4, one, failed) for one in p99)


def found(loads, **limits):
    known = {name: limits.get(name, Limit(name)) for name in ("p50", "p99", "errors")}
    return {one.name: one for one in measures_of(loads, known)}


STEADY = parts(0.040, 0.041, 0.039, 0.040, 0.040)
NOISY = parts(0.02, 0.12, 0.05, 0.03, 0.2)


@pytest.mark.parametrize(
    ("loads", "most", "verdict"),
    [
        (STEADY, 0.080, "PASS"),
        (STEADY, 0.030, "FAIL"),
        (NOISY, 0.060, "UNKNOWN"),  # the machine is too noisy to tell
        (NOISY, 2.0, "PASS"),
        (NOISY, 0.001, "FAIL"),
        (STEADY[:1], 0.080, "UNKNOWN"),  # one part has no spread
    ],
)
def test_a_slow_model_fails_and_a_noisy_machine_says_nothing(loads, most, verdict):
    one = found(loads, p99=Limit("p99", at_most=most))["p99"]
    assert (one.verdict, one.limit, one.unit, one.count) == (verdict, most, "s", 1000 * len(loads))


@pytest.mark.parametrize(
    ("failed", "most", "verdict"),
    [
        (0, 0.01, "PASS"),
        (2, 0.01, "PASS"),
        (30, 0.01, "FAIL"),
        (10, 0.01, "UNKNOWN"),
        (0, None, "PASS"),
        (1, None, "FAIL"),
    ],
)
def test_errors_are_held_to_their_limit_by_an_interval_and_to_none_without(failed, most, verdict):
    one = found(parts(*[0.04] * 5, failed=failed), errors=Limit("errors", at_most=most))["errors"]
    assert (one.verdict, one.count) == (verdict, 5000 + 5 * failed)


def test_a_limit_that_only_warns_warns():
    assert found(STEADY, p99=Limit("p99", at_most=0.001, warn_only=True))["p99"].verdict == "WARN"


def test_no_request_is_unknown_and_without_limits_numbers_are_said(subject, bench):
    assert [one.verdict for one in found((Load(0, 0.0, 0.0, 0.0),)).values()] == ["UNKNOWN"]
    made = check(subject(), bench(loads=STEADY))
    assert {one.name: one.verdict for one in made.measures} == dict.fromkeys(
        ("p50", "p99", "errors", "throughput"), "PASS"
    )
    assert made.facts["machine"]["processors"]

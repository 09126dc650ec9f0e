from __future__ import annotations

import pytest
from tests.doubles.counted import arm, counts, stratum

from trimtab.release.flight.claims import Claim
from trimtab.release.flight.shares import Both, disagreements, errors, judge_alone, judge_beside

BESIDE = Claim("errors", "worse_by", 0.01, warn_only=False, harm=0.05, proof=0.05)
ALONE = Claim("errors", "at_most", 0.01, warn_only=False, harm=0.05, proof=0.05)


def test_errors_are_those_of_both_arms_and_of_a_shadow_what_never_came() -> None:
    assert errors([stratum(0.25, arm(300, 3), arm(100, 9))], "canary") == [Both(9, 100, 3, 300)]
    mirrored = stratum(0.25, *counts(400, mirrored=100, failed=5, compared=90, disagreed=7))
    assert errors([mirrored], "shadow") == [Both(5, 100, 0, 400)]
    assert disagreements([mirrored]) == [Both(7, 90)]


def test_the_champion_is_weighed_as_the_challengers_answers_came() -> None:
    quiet, busy = Both(1, 100, 10, 1000), Both(90, 900, 10, 100)
    judged = judge_beside(BESIDE, [busy, quiet])
    assert judged.theirs == pytest.approx(0.01)  # of this step alone, as nothing is broken
    broken = judge_beside(BESIDE, [Both(50, 100, 10, 1000), Both(450, 900, 10, 100)])
    assert broken.broken
    assert broken.theirs == pytest.approx(0.1 * 0.01 + 0.9 * 0.1)


def test_what_is_shown_of_a_broken_claim_is_where_it_broke() -> None:
    """A step in which the champion failed throughout would make the challenger look better in the sum of both."""
    judged = judge_beside(BESIDE, [Both(0, 1, 0, 26), Both(600, 20_000, 26, 26), Both(19, 19, 0, 26)])
    assert judged.broken
    assert (judged.n, judged.value) == (19, 1.0)
    assert judged.low <= judged.value <= judged.high


def test_without_answers_there_is_no_value() -> None:
    for strata in ([Both(0, 0)], [Both(0, 0, 5, 100)], [Both(3, 100)]):
        assert judge_beside(BESIDE, strata).value is None
    assert judge_alone(ALONE, [Both(0, 0)]).value is None

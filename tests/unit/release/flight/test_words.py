from __future__ import annotations

import pytest

from trimtab.release.flight.claims import Claim
from trimtab.release.flight.judged import Judged
from trimtab.release.flight.words import duration, percent, said


@pytest.mark.parametrize(("share", "text"), [(0.05, "5 %"), (0.0131, "1.31 %"), (0.0002, "0.02 %"), (1.0, "100 %")])
def test_shares_are_in_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(("seconds", "text"), [(45.0, "45 s"), (600.0, "10 min"), (5400.0, "1.5 h"), (0.25, "0.25 s")])
def test_durations_have_the_unit_that_suits_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def claim(measure: str, how, limit: float) -> Claim:
    return Claim(measure, how, limit, warn_only=False, harm=0.05, proof=0.05)


@pytest.mark.parametrize(
    ("of", "judged", "verdict", "text"),
    [
        (("errors", "at_most", 0.005), (0.0131, 0.0131, None), "FAIL", "errors 1.31 % > 0.5 %, n 6208"),
        (("errors", "at_most", 0.005), (0.0002, 0.0002, None), "PASS", "errors 0.02 % <= 0.5 %, n 6208"),
        (("errors", "worse_by", 0.01), (0.02, 0.03, 0.01), "WARN", "errors 3 % > 1 % + 1 %, n 6208"),
        (
            ("errors", "worse_by", 0.01),
            (0.001, 0.011, 0.01),
            "UNKNOWN",
            "errors 1.1 % (champion 1 %), not yet proved <= 1 % + 1 %, n 6208",
        ),
        (("p99", "at_most", 0.008), (0.0041, 0.0041, None), "PASS", "p99 4.1 ms <= 8 ms, n 6208"),
        (("p99", "worse_by", 2.0), (3.0, 1.2, 0.4), "FAIL", "p99 1.2 s > 2 x 400 ms, n 6208"),
        (("shift", "at_most", 0.2), (0.31, 1.0, 2.0), "FAIL", "shift 0.31 sd > 0.2 sd, n 6208"),
        (("auc", "at_least", 0.85), (0.83, 0.83, None), "FAIL", "auc 0.83 < 0.85, n 6208"),
        (("ctr", "worse_by", 0.01), (-0.1, 0.4, 0.3), "PASS", "ctr 0.4 >= 0.3 - 0.01, n 6208"),
        (("cost", "at_most", 2.0), (3.0, 3.0, None), "FAIL", "cost 3 > 2, n 6208"),
    ],
)
def test_a_finding_in_words(of, judged, verdict, text: str) -> None:
    value, mine, theirs = judged
    assert said(claim(*of), Judged(value=value, mine=mine, theirs=theirs, n=6208), verdict) == text


def test_what_nobody_has_measured_says_so() -> None:
    assert said(claim("auc", "at_least", 0.85), Judged(), "UNKNOWN") == "auc: nothing measured yet"
    alone = Judged(mine=0.5, n=7)
    text = "errors: nothing of the champion to compare with, n 7"
    assert said(claim("errors", "worse_by", 0.01), alone, "UNKNOWN") == text


def test_what_is_proved_whatever_the_champion_has_says_so() -> None:
    text = "errors 0.01 % <= 1 % whatever the champion has, n 20000"
    assert said(claim("errors", "worse_by", 0.01), Judged(kept=True, mine=0.0001, n=20000), "PASS") == text


def test_an_output_is_named() -> None:
    judged = Judged(value=0.1, mine=1.0, theirs=1.0, n=9, of="score")
    assert said(claim("shift", "at_most", 0.2), judged, "PASS") == "shift of `score` 0.1 sd <= 0.2 sd, n 9"

"""Effects with intervals: what is known is proved, what is not there is not, over many flights."""

from math import isfinite

import numpy as np
import pytest

from trimtab.core.flights import ArmCounts, Counts, Moments
from trimtab.ops.readout.effects import effect_of, measures_of
from trimtab.ops.readout.looks import Look, looks_of_answers
from trimtab.release.flight.states import Stratum


def effect(answers, of, name, alpha=0.05):
    return effect_of(of, name, looks_of_answers(answers, 5), alpha)


def test_what_is_there_is_proved(made_up):
    answers = made_up()
    errors = effect(answers, "errors", "errors")
    assert errors.word == "worse"
    assert errors.low <= 0.02 <= errors.high
    assert errors.effect == pytest.approx(answers.failed[answers.own].mean() - answers.failed[~answers.own].mean())
    latency = effect(answers, "latency", "p50")
    assert latency.word == "worse"
    assert latency.low <= 1.5 <= latency.high
    assert effect(made_up(quality=(0.8, 0.9)), "quality", "right").word == "better"
    assert effect(made_up(errors=(0.05, 0.01)), "errors", "errors").word == "better"


def test_where_there_is_none_it_is_seldom_found_at_any_look(made_up):
    found = 0
    for seed in range(200):
        looks = looks_of_answers(made_up(2000, (0.1, 0.1), 1.0, seed=seed), 20)
        trace = effect_of("errors", "errors", looks, 0.05).trace
        found += any(point.low > 0 or point.high < 0 for point in trace)
    assert found <= 200 * 0.05


def test_a_louder_hour_counts_for_neither_arm():
    """All errors are higher at the share at which the challenger has more; the arms are the same."""
    quiet = Stratum(0.1, 60, Counts(ArmCounts(9000, 90), ArmCounts(1000, 10)))
    loud = Stratum(0.5, 60, Counts(ArmCounts(5000, 500), ArmCounts(5000, 500)))
    found = effect_of("errors", "errors", [Look(60, (quiet, loud))], 0.05)
    assert found.effect == pytest.approx(0)
    assert found.word == "open"
    assert found.champion == pytest.approx(found.challenger)


def test_of_an_arm_without_answers_nothing_is_said(made_up):
    answers = made_up(100)
    alone = answers.of(~answers.own)
    assert effect(alone, "errors", "errors") is None
    assert effect(alone, "latency", "p99") is None


def test_a_few_answers_have_no_interval(made_up):
    few = effect(made_up(60), "errors", "errors")
    assert few.word == "open"
    assert not isfinite(few.high)


def test_an_output_is_another_not_worse():
    counts = [
        ArmCounts(1000, 0, values={"y": Moments(1000, at * 1000, at * 1000 + 1000, at - 3, at + 3)}) for at in (0, 1)
    ]
    found = effect_of("output", "y", [Look(60, (Stratum(0.5, 60, Counts(*counts)),))], 0.05)
    assert (found.word, found.effect) == ("other", pytest.approx(1))


def test_what_both_arms_have_is_measured(made_up):
    (look,) = looks_of_answers(made_up(1000), 1)
    names = [("errors", "errors"), ("latency", "p50"), ("latency", "p99"), ("quality", "right")]
    assert list(measures_of(look.strata)) == names


def test_the_interval_narrows_as_answers_come(made_up):
    widths = [point.high - point.low for point in effect(made_up(), "errors", "errors").trace]
    assert np.all(np.diff(widths) < 0)

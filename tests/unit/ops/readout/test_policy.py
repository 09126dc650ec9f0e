"""A policy that was not flown, out of a journal in which the truth is known."""

import json

import pytest
from tests.doubles.flights_logged import FAILS

from trimtab.core.errors import UserError
from trimtab.ops.readout.policy import Wish, lines, unflown


def test_the_truth_is_within_each_interval(journal):
    found = unflown(journal, Wish("churn", "in_plan = 'basic'"))
    truth = (2 * FAILS["basic", True] + FAILS["family", False]) / 3
    assert found.part == pytest.approx(2 / 3, abs=1e-3)
    assert [value.method for value in found.values] == ["ips", "self-normalised", "doubly robust"]
    for value in found.values:
        assert value.mean.low <= truth <= value.mean.high
        assert value.gain.value < 0
    assert found.overlap.warnings == ()


def test_the_challenger_for_all_is_worse_and_is_shown_to_be(journal):
    found = unflown(journal, Wish("churn"))
    truth = (2 * FAILS["basic", True] + FAILS["family", True]) / 3
    robust = found.values[2]
    assert robust.mean.low <= truth <= robust.mean.high
    assert robust.gain.low > 0
    assert found.part == 1


def test_callers_may_be_drawn_as_one_and_rewards_be_columns(journal):
    found = unflown(journal, Wish("churn", reward="in_x", by="principal"))
    assert found.values[0].units == 50
    assert found.flown == pytest.approx(3.5)
    assert unflown(journal, Wish("churn", reward="seconds")).values[1].mean.value == pytest.approx(0.08)


def test_lines_and_json(journal, golden):
    found = unflown(journal, Wish("churn", "in_plan = 'basic'"))
    golden("policy.txt", "".join(f"{topic:<10} {said}\n" for topic, said in lines(found)))
    plain = json.loads(json.dumps(found.plain(), allow_nan=False))
    assert plain["values"][2]["method"] == "doubly robust"


@pytest.mark.parametrize(
    ("wish", "code"),
    [(Wish("other"), "P436"), (Wish("churn", "in_plan ="), "P932"), (Wish("churn", reward="1; DROP"), "P932")],
)
def test_what_cannot_be_asked_is_named(journal, wish, code):
    with pytest.raises(UserError, match=code):
        unflown(journal, wish)

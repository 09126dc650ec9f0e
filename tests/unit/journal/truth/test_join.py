"""The rules of the join, one by one; `tests/properties/test_truth_join.py` holds all of them against plain Python."""

from dataclasses import replace

import pytest

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.join import feedback_joined, truth_joined, unknown

GIVEN = f"{'0' * 12}{'a' * 12}-1"
DAY = 86400.0


def said(value, received, *, time=None, id=GIVEN, principal="a", **more):  # noqa: A002 - as entries call it
    return Truth(id, value, received if time is None else time, received, principal=principal, **more)


def values(tables, policy="last"):
    return sorted(tables.rows(f"SELECT id, row, name, value FROM ({truth_joined(policy)})"))  # noqa: S608 - ours


def test_truth_is_joined_by_row_and_name(world):
    asked = [{"id": GIVEN, "row": row} for row in (0, 1)]
    tables = world(asked, [said(1, 5), said(0, 5, row=1), said(7.5, 5, name="delay"), said(1, 5, row=2)])
    assert values(tables) == [(GIVEN, 0, "delay", "7.5"), (GIVEN, 0, "truth", "1"), (GIVEN, 1, "truth", "0")]
    assert len(tables.rows(unknown("truth"))) == 1  # the request had two rows


def test_what_a_caller_named_his_request_is_his_alone(world):
    asked = [{"id": GIVEN, "request_id": "order-7"}, {"id": "other", "request_id": "order-7", "principal": "b"}]
    assert values(world(asked, [said(1, 5, id="order-7")])) == [(GIVEN, 0, "truth", "1")]
    assert values(world(asked, [said(1, 5, id="order-7", principal="c")])) == []
    both = [("other", 0, "truth", "1"), (GIVEN, 0, "truth", "1")]
    assert values(world(asked, [said(1, 5, id="order-7", principal="c", operator=True)])) == sorted(both)


def test_an_id_that_a_server_gave_is_never_taken_for_the_name_of_a_request(world):
    """A caller who passes the id of one answer on as the name of his next request has not said anything of that."""
    asked = [{"id": GIVEN}, {"id": "next", "request_id": GIVEN}]
    assert values(world(asked, [said(1, 5)])) == [(GIVEN, 0, "truth", "1")]


def test_somebody_elses_truth_does_not_count_though_it_was_kept(world):
    tables = world([{"id": GIVEN}], [said(1, 5, principal="b")])
    assert values(tables) == []
    assert len(tables.rows(unknown("truth"))) == 1


@pytest.mark.parametrize(("policy", "value"), [("last", "0"), ("first", "1"), ("none", None)])
def test_the_policy_picks_among_contradictions(world, policy, value):
    tables = world([{"id": GIVEN}], [said(0, 30), said(1, 20)])
    assert values(tables, policy) == ([] if value is None else [(GIVEN, 0, "truth", value)])


def test_time_decides_and_not_arrival(world):
    tables = world([{"id": GIVEN}], [said(0, 10 * DAY, time=3 * DAY), said(1, 9 * DAY, time=4 * DAY)])
    assert values(tables) == [(GIVEN, 0, "truth", "1")]
    assert values(tables, "first") == [(GIVEN, 0, "truth", "0")]


def test_a_request_that_is_sent_again_does_not_take_back_what_was_said_since(world):
    tables = world([{"id": GIVEN}], [said(0, 10), said(1, 20), said(0, 30)])
    (row,) = tables.dicts(truth_joined())
    assert (row["value"], row["entries"], row["contradictory"]) == ("1", 2, True)
    assert row["known"].timestamp() == 10


def test_who_says_when_may_return_to_what_he_said_first(world):
    tables = world([{"id": GIVEN}], [said(0, 10, time=1), said(1, 20, time=2), said(0, 30, time=3)])
    assert values(tables) == [(GIVEN, 0, "truth", "0")]


def test_equal_numbers_are_the_same_truth_however_they_are_written(world):
    tables = world([{"id": GIVEN}], [said(1, 10), said(1.0, 20), said(True, 30)])
    (row,) = tables.dicts(truth_joined("none"))
    assert (row["entries"], row["contradictory"], row["number"]) == (1, False, 1.0)
    assert values(world([{"id": GIVEN}], [said(1, 10), said("1", 20)]), "none") == []


def test_truth_of_a_request_that_failed_is_of_its_first_row(world):
    assert values(world([{"id": GIVEN, "row": None, "status": 500}], [said(1, 5)])) == [(GIVEN, 0, "truth", "1")]


def test_truth_is_joined_when_its_interaction_turns_up(world):
    early = [said(1, 5)]
    assert values(world([], early)) == []
    assert values(world([{"id": GIVEN}], early)) == [(GIVEN, 0, "truth", "1")]


def test_an_interaction_that_is_there_twice_has_its_truth_once(world):
    assert values(world([{"id": GIVEN}] * 2, [said(1, 5)])) == [(GIVEN, 0, "truth", "1")]


def test_feedback_is_joined_and_each_opinion_counts_once(world):
    good = Feedback(GIVEN, 5, 5, score=1, comment="<b>", principal="a")
    felt = [good, replace(good, time=9, received=9), replace(good, score=0, comment=""), replace(good, principal="b")]
    tables = world([{"id": GIVEN}], felt=felt)
    found = sorted(
        (row["score"], row["comment"], row["received"].timestamp()) for row in tables.dicts(feedback_joined())
    )
    assert found == [(0.0, "", 5.0), (1.0, "<b>", 5.0)]
    assert len(tables.rows(unknown("feedback"))) == 1

"""Interactions with what is known of them by now, a column for each truth, of the type that its values have."""

from __future__ import annotations

import pytest
from tests.doubles.logged import NOON


@pytest.fixture
def told(logging, opened):
    """What `joined` has of these columns of three interactions, after this was told: told("truth", truth(0, 1))."""

    def ask(columns, *entries, rows=1, **wanted):
        log = logging()
        ids = [log.ask(number, rows=rows, principal="me") for number in range(3)]
        for number, stream, record in entries:
            told = {"id": ids[number], "row": 0, "time": NOON + 10.0, "received": NOON + 10.0, "principal": "me"}
            log.tell(stream, **{**told, "operator": False, **record})
        return opened(**wanted).sql(f"SELECT {columns} FROM joined ORDER BY time, row").fetchall()  # noqa: S608 - ours

    return ask


def truth(number, value, **more):
    return number, "truth", {"value": value, "name": "truth", **more}


def test_interactions_of_which_nothing_is_known_are_there(told):
    columns = "in_x, truth, truth_time, feedback_score, feedback_count"
    assert told(columns) == [(float(number), None, None, None, 0) for number in range(3)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((True, False), (True, False)),
        ((1, 0), (1, 0)),
        ((1, 2.5), (1.0, 2.5)),
        ((True, 1), ("true", "1")),
        (("yes", "no"), ("yes", "no")),
        (('it\'s "x"', "ü\n"), ('it\'s "x"', "ü\n")),
        ((2**60, 1), ("1152921504606846976", "1")),
        ((1, "one"), ("1", "one")),
        ((1.0, 2.0), (1, 2)),
    ],
)
def test_a_truth_is_of_the_type_that_all_its_values_have(told, values, found):
    rows = told("truth", truth(0, values[0]), truth(1, values[1]))
    assert [value for (value,) in rows] == [*found, None]
    assert [type(value) for (value,) in rows[:2]] == [type(value) for value in found]


def test_truths_of_other_names_are_columns_of_their_own(told):
    rows = told(
        "truth, truth_delay, epoch(truth_time), truth_time_1, \"truth_it's\"",
        truth(0, 1), truth(0, 2.5, name="delay"), truth(1, "x", name="time"), truth(2, True, name="it's"),
    )  # fmt: skip
    assert [row[:2] for row in rows] == [(1, 2.5), (None, None), (None, None)]
    assert rows[0][2] == NOON + 10
    assert [row[3:] for row in rows] == [(None, None), ("x", None), (None, True)]


def test_rows_are_told_apart(told):
    rows = told("in_x, row, truth", truth(1, 7, row=1), rows=2)
    assert rows == [(0.0, 0, None), (1.0, 1, None), (1.0, 0, None), (2.0, 1, 7), (2.0, 0, None), (3.0, 1, None)]


@pytest.mark.parametrize(("policy", "found"), [("last", 2), ("first", 1), ("none", None)])
def test_of_contradicting_truths_the_policy_picks(told, policy, found):
    entries = (truth(0, 2, time=NOON + 20.0), truth(0, 1, time=NOON + 15.0), truth(0, 2, time=NOON + 20.0))
    assert told("truth", *entries, truth=policy)[0] == (found,)


def test_only_what_its_own_caller_or_an_operator_says_counts(told):
    entries = (truth(0, 1, principal="you"), truth(1, 2, principal="you", operator=True))
    assert told("truth", *entries) == [(None,), (2,), (None,)]


def test_feedback_is_counted_and_the_last_words_are_kept(told):
    entries = [
        (0, "feedback", {"score": 1.0, "label": "good", "time": NOON + 11.0}),
        (0, "feedback", {"score": 0.0, "comment": "", "label": "bad", "time": NOON + 12.0}),
        (0, "feedback", {"score": 0.0, "comment": "", "label": "bad", "time": NOON + 12.0}),
        (1, "feedback", {"comment": "so so", "correction": 3, "time": NOON + 11.0}),
    ]
    columns = "feedback_score, feedback_count, feedback_label, feedback_comment, feedback_correction"
    nothing = (None, 0, None, None, None)
    assert told(columns, *entries) == [(0.5, 2, "bad", None, None), (None, 1, None, "so so", "3"), nothing]


def test_a_hundred_names_are_columns_and_no_more(told, opened):
    told("1", *(truth(0, 1, name=f"t{number:03}") for number in range(150)))
    names = [name for name in opened().columns("joined") if name.startswith("truth_t0")]
    assert len(names) == 100

"""Bodies to values: strict, all faults at once, each with its place; and nothing of a body that has one."""

import pytest

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.entries import FEEDBACK, MOST, TRUTH, Speaker, entries_of, entry_of
from trimtab.journal.truth.faults import EntriesError, Faults

NOW = 1_700_000_000.0
APP = Speaker("key:app")


def places(kind, body, **more):
    """Where each fault is, and what it says."""
    with pytest.raises(EntriesError) as caught:
        entries_of(kind, body, APP, NOW, **more)
    return [(fault.place, fault.what) for fault in caught.value.faults.named]


def test_one_truth_with_all_that_can_be_said_of_it():
    body = {"id": "call-7", "value": 12.5, "row": 3, "name": "delay", "time": "2023-11-01"}
    (entry,) = entries_of(TRUTH, body, Speaker("key:ops", operator=True), NOW)
    assert entry == Truth("call-7", 12.5, 1_698_796_800.0, NOW, 3, "delay", "key:ops", operator=True)


def test_what_is_not_said_has_its_default_and_null_says_nothing():
    expected = Truth("call-7", False, NOW, NOW, principal="key:app")
    assert entries_of(TRUTH, {"id": "call-7", "value": False}, APP, NOW) == [expected]
    body = {"id": "call-7", "value": False, "row": None, "name": None, "time": None}
    assert entries_of(TRUTH, body, APP, NOW) == [expected]


def test_entries_of_a_list_arrive_one_after_the_other():
    first, second = entries_of(TRUTH, [{"id": "a", "value": 0}, {"id": "a", "value": 1, "time": 5}], APP, NOW)
    assert (first.time, first.received) == (NOW, NOW)
    assert (second.time, second.received) == (5.0, 1_700_000_000.000001)


def test_feedback_says_at_least_one_thing():
    body = {"id": "call-7", "score": 1, "label": True, "comment": "<b>wrong</b>", "correction": "on time"}
    expected = Feedback("call-7", NOW, NOW, 0, 1.0, True, "<b>wrong</b>", "on time", "key:app")
    assert entries_of(FEEDBACK, body, APP, NOW) == [expected]
    for said in ({"score": 0}, {"label": False}, {"comment": "x"}, {"correction": 0}):
        assert len(entries_of(FEEDBACK, {"id": "a"} | said, APP, NOW)) == 1
    nothing = [("", "it says nothing: one of `score`, `label`, `comment`, `correction`")]
    assert places(FEEDBACK, {"id": "a"}) == nothing
    assert places(FEEDBACK, {"id": "a", "score": None, "comment": ""}) == nothing


def test_every_fault_of_every_entry_is_named():
    body = [
        {"id": "a", "value": 1},
        {"id": "", "value": [1], "row": -1},
        "a",
        {"value": None, "scroe": 1},
    ]
    assert places(TRUTH, body) == [
        ("entry 1, `id`", "it is empty"),
        ("entry 1, `value`", "`[1]` is no boolean, number or text"),
        ("entry 1, `row`", "`-1` is no row: rows are counted from 0"),
        ("entry 2", '`"a"` is no object'),
        ("entry 3, `scroe`", "unknown key"),
        ("entry 3, `id`", "it is missing"),
        ("entry 3, `value`", "it is missing"),
    ]


def test_the_faults_of_one_entry_alone_have_no_number():
    assert places(FEEDBACK, {"id": "a", "score": 2}) == [("`score`", "`2` is no score")]


def test_an_unknown_key_is_told_the_nearest_one():
    faults = Faults()
    assert entry_of(FEEDBACK, {"id": "a", "score": 1, "coment": "x" * 9}, APP, (NOW, NOW), faults) is None
    assert faults.named[0].hint == "did you mean `comment`?"


@pytest.mark.parametrize("body", [None, 7, "text", True, 1.5])
def test_what_is_neither_object_nor_list_is_refused(body):
    ((place, what),) = places(TRUTH, body)
    assert place == ""
    assert "is no entry" in what


def test_a_list_has_entries_and_not_too_many():
    assert places(TRUTH, []) == [("", "there are no entries")]
    entry = {"id": "a", "value": 1}
    assert len(entries_of(TRUTH, [entry] * MOST, APP, NOW)) == MOST
    assert places(TRUTH, [entry] * (MOST + 1)) == [("", f"there are {MOST + 1} entries, at most {MOST} are taken")]
    assert places(TRUTH, [entry] * 3, most=2) == [("", "there are 3 entries, at most 2 are taken")]


def test_who_says_it_is_not_what_the_body_says():
    assert places(TRUTH, {"id": "a", "value": 1, "principal": "key:boss", "operator": True}) == [
        ("`principal`", "unknown key"),
        ("`operator`", "unknown key"),
    ]

from __future__ import annotations

import json
from typing import get_args

import pytest

from trimtab.core.flights import ArmCounts, Counts
from trimtab.core.traffic import Split
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.flight.states import Action, Finding, Stratum
from trimtab.release.ledger.flights import (
    KINDS,
    Applied,
    Begun,
    Decided,
    Ended,
    Note,
    Resumed,
    Wish,
    body_of,
    kind_of,
    note_of,
)
from trimtab.release.ledger.lines import follow, line_of, read_lines

FINDING = Finding("errors", 0.005, "FAIL", 0.0131, 0.008, None, 6208, "errors 1.31 % > 0.5 %, n 6208")
NOTES = [
    Begun("churn", "churn:next", "http://h:1", Plan(limits=(Limit("p99", at_most=0.08),), split=Split("header", "x"))),
    Decided(
        Action("roll back", "rolling back", 1, 0.0, "errors", (FINDING,)),
        (Stratum(0.05, 600.0, Counts(ArmCounts(5, 1))),),
        Wish("f", "abort", "token", "uid:0", 5.0),
    ),
    Applied("begin", "flying", 0, 0.05, Counts(compared=4), "sha256:a", "sha256:b"),
    Resumed(3.5, "uid:0 on host"),
    Ended("rolled back", "errors"),
]


@pytest.mark.parametrize("note", NOTES, ids=lambda note: type(note).__name__)
def test_a_note_comes_back_from_its_line(note):
    first = follow(None, 0.0, "ledger", "", {"format": 1})
    entry = follow(first, 1.0, kind_of(note), "churn-1", body_of(note))
    assert json.loads(line_of(entry))["about"] == "churn-1"
    assert note_of(read_lines(line_of(entry), first).entries[0]) == note


def test_there_is_a_note_of_every_kind_here():
    assert {type(note) for note in NOTES} == set(KINDS.values()) == set(get_args(Note))


def test_what_is_about_something_else_is_no_note_of_a_flight():
    assert note_of(follow(None, 0.0, "released", "churn", {"digest": "sha256:a"})) is None


def test_what_nobody_wrote_is_refused():
    with pytest.raises(ValueError, match="outcome"):
        note_of(follow(None, 0.0, "flight ended", "churn-1", {"outcome": "landed"}))

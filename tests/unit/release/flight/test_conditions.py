from __future__ import annotations

import pytest
from tests.doubles.counted import arm, stratum

from trimtab.release.flight.conditions import CONDITIONS
from trimtab.release.flight.judge import judge
from trimtab.release.flight.look import Look
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.flight.states import Evidence, Snapshot

PLAN = Plan(limits=(Limit("errors", worse_by=0.02),))


def look(*strata, plan=PLAN, phase="flying", step=0, **rest) -> Look:
    evidence = Evidence(strata)
    return Look(plan, Snapshot(phase, step, 0.0, 0.0, 700.0, **rest), evidence, judge(plan, evidence))


ENOUGH = stratum(0.05, arm(2000, 10), arm(100, 0))


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (look(phase="loading", server="loading"), "the challenger is loading"),
        (look(stratum(0.05, arm(9), arm(1), 540.0)), "1 min more at 5 %"),
        (look(stratum(0.05, arm(9), arm(7))), "7 of 100 answers at 5 %"),
        (look(ENOUGH, step=2), "errors 0 % (champion 0.5 %), not yet proved <= 0.5 % + 2 %, n 100"),
        (look(ENOUGH, step=2, plan=Plan(limits=())), "no limit that could say no"),
        (look(ENOUGH, phase="paused"), "paused at 5 %"),
        (look(phase="promoting"), "the challenger becomes the champion"),
        (look(phase="rolling back"), "the champion answers everything again"),
        (look(phase="promoted"), "promoted"),
    ],
)
def test_it_is_said_what_is_waited_for(seen: Look, why: str) -> None:
    assert CONDITIONS["otherwise"](seen) == why


def test_going_on_says_where_to_after_what_and_why() -> None:
    why = CONDITIONS["step done, nothing against it"](look(ENOUGH))
    assert why.startswith("25 % after 10 min at 5 %: errors 0 % (champion 0.5 %)")


def test_what_breaks_is_named_with_its_numbers() -> None:
    seen = look(stratum(0.05, arm(1900, 10), arm(100, 30)))
    assert CONDITIONS["a limit is broken"](seen) == "errors 30 % > 0.526 % + 2 %, n 100"
    assert CONDITIONS["a limit is broken"](look(ENOUGH)) == ""


def test_a_challenger_that_is_not_loaded_in_time_is_not_said_to_lack_evidence() -> None:
    plan = Plan(give_up_s=600.0)
    assert CONDITIONS["time is over"](look(phase="loading", plan=plan)) == "not loaded after 10 min"
    assert CONDITIONS["time is over"](look(phase="loading")) == ""


@pytest.mark.parametrize("name", sorted(set(CONDITIONS) - {"otherwise", "challenger loading again"}))
def test_at_the_beginning_nothing_but_loading_is_so(name: str) -> None:
    seen = look(phase="loading", step=-1, server="loading")
    assert CONDITIONS[name](seen) == ""

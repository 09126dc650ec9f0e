from __future__ import annotations

from dataclasses import replace

import pytest
from tests.doubles.counted import arm, counts, stratum

from trimtab.core.flights import Counts
from trimtab.release.flight.conditions import CONDITIONS
from trimtab.release.flight.decide import RULES, decide
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.flight.states import Evidence, Snapshot

PLAN = Plan(limits=(Limit("errors", worse_by=0.02), Limit("p99", worse_by=2.0)))
AT = {"loading": -1, "flying": 0}


def snapshot(phase="flying", step=0, now=700.0, **rest) -> Snapshot:
    return Snapshot(phase, step, 0.0, 0.0, now, **rest)


GOOD = stratum(0.5, arm(4000, 20), arm(4000, 20))
BAD = stratum(0.05, arm(4000, 20), arm(200, 30))
FEW = stratum(0.05, arm(400, 2), arm(20, 0))


def told(plan=PLAN, *strata, **where) -> tuple[str, str, int, float | None]:
    action = decide(plan, snapshot(**where), Evidence(strata))
    assert action.why
    return action.do, action.phase, action.step, action.share


def test_every_rule_asks_for_what_there_is_and_every_condition_is_asked_for() -> None:
    assert {rule.when for rule in RULES} == set(CONDITIONS)


def test_no_rule_stands_twice_and_each_phase_ends_with_what_is_always_so() -> None:
    assert len({(rule.phase, rule.when) for rule in RULES}) == len(RULES)
    last = {rule.phase: rule.when for rule in RULES}
    assert set(last.values()) == {"otherwise"}


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ({"server": "loading"}, ("wait", "loading", -1, None)),
        ({"server": "gone"}, ("wait", "loading", -1, None)),
        ({"server": "ready"}, ("begin", "flying", 0, 0.05)),
        ({"server": "failed", "why": "no such file"}, ("roll back", "rolling back", -1, 0.0)),
        ({"server": "loading", "now": 3600.0}, ("roll back", "rolling back", -1, 0.0)),
        ({"asked": "abort"}, ("roll back", "rolling back", -1, 0.0)),
    ],
)
def test_a_challenger_is_loaded_before_it_is_flown(where, what) -> None:
    assert told(PLAN, phase="loading", step=-1, **where) == what


def test_a_broken_limit_has_it_go_back_at_once_however_few_were_watched() -> None:
    for phase in ("flying", "paused"):
        assert told(PLAN, replace(BAD, seconds=3.0), phase=phase, now=3.0) == ("roll back", "rolling back", 0, 0.0)


def test_a_broken_limit_outweighs_who_asks_for_promotion() -> None:
    assert told(PLAN, BAD, asked="promote")[0] == "roll back"
    assert told(PLAN, FEW, asked="promote") == ("promote", "promoting", 0, None)


def test_it_goes_on_when_it_was_watched_asked_often_enough_and_nothing_speaks_against_it() -> None:
    enough = stratum(0.05, arm(2000, 10), arm(100, 0))
    assert told(PLAN, enough) == ("advance", "flying", 1, 0.25)
    assert told(PLAN, replace(enough, seconds=599.0))[0] == "wait"
    assert told(PLAN, stratum(0.05, arm(2000, 10), arm(99, 0)))[0] == "wait"


def test_it_does_not_go_on_while_the_best_guess_breaks_a_limit() -> None:
    action = decide(PLAN, snapshot(), Evidence((stratum(0.05, arm(2000, 10), arm(100, 3)),)))
    assert action.do == "wait"
    assert "errors 3 % (champion 0.5 %), not yet proved <= 0.5 % + 2 %, n 100" in action.why


def test_at_the_last_step_every_limit_is_proved_or_it_waits() -> None:
    assert told(PLAN, GOOD, step=2) == ("promote", "promoting", 2, None)
    assert told(PLAN, stratum(0.5, arm(100, 0), arm(100, 0)), step=2)[0] == "wait"
    assert told(PLAN, GOOD, replace(GOOD, counts=Counts(arm(100, 0), arm(100, 0))), step=2)[0] == "wait"


def test_what_is_not_proved_in_time_goes_back_and_says_what_is_missing() -> None:
    action = decide(PLAN, snapshot(now=3600.0), Evidence((FEW,)))
    assert (action.do, action.share) == ("roll back", 0.0)
    assert action.why.startswith("no evidence after 1 h: errors 0 %")
    assert decide(PLAN, snapshot(now=3600.0), Evidence()).why == (
        "no evidence after 1 h: errors: nothing measured yet, p99: nothing measured yet"
    )


@pytest.mark.parametrize("step", [0, 2])
def test_without_traffic_it_is_never_promoted(step: int) -> None:
    for seconds in (0.0, 600.0, 3599.0, 3600.0, 1e9):
        silent = stratum(0.5, arm(0), arm(0), seconds)
        assert told(PLAN, silent, step=step, now=seconds)[0] == ("wait" if seconds < 3600 else "roll back")


def test_a_plan_without_a_limit_that_may_say_no_promotes_nothing() -> None:
    for limits in ((), (Limit("errors", at_most=0.5, warn_only=True),)):
        assert told(replace(PLAN, limits=limits), GOOD, step=2)[0] == "wait"


def test_what_only_warns_neither_goes_back_nor_stays() -> None:
    limits = (Limit("p99", worse_by=2.0), Limit("errors", at_most=0.0001, warn_only=True))
    action = decide(replace(PLAN, limits=limits), snapshot(step=2), Evidence((GOOD,)))
    assert action.do == "promote"
    assert [one.verdict for one in action.findings] == ["PASS", "WARN"]


def test_who_holds_is_waited_for_until_the_time_is_over() -> None:
    plan = replace(PLAN, hold=True)
    action = decide(plan, snapshot(step=2), Evidence((GOOD,)))
    assert (action.do, action.phase) == ("wait", "flying")
    assert action.why.startswith("somebody is to decide; proved at 50 %")
    assert told(plan, GOOD, step=2, asked="promote")[0] == "promote"
    assert decide(plan, snapshot(step=2, now=3600.0), Evidence((GOOD,))).why == "not done after 1 h"


def test_who_pauses_stays_at_the_step_until_resumed_aborted_or_over() -> None:
    assert told(PLAN, GOOD, step=2, asked="pause") == ("pause", "paused", 2, None)
    assert told(PLAN, GOOD, step=2, phase="paused") == ("wait", "paused", 2, None)
    assert told(PLAN, GOOD, step=2, phase="paused", asked="resume") == ("resume", "flying", 2, None)
    assert told(PLAN, GOOD, step=2, phase="paused", asked="abort")[0] == "roll back"
    assert told(PLAN, GOOD, step=2, phase="paused", now=3600.0)[0] == "roll back"


@pytest.mark.parametrize("phase", ["flying", "paused"])
def test_while_nobody_answers_it_waits_but_not_for_ever(phase: str) -> None:
    assert told(PLAN, GOOD, step=2, phase=phase, server="gone") == ("wait", phase, 2, None)
    assert told(PLAN, GOOD, step=2, phase=phase, server="gone", now=3600.0)[0] == "roll back"


def test_a_challenger_that_loads_again_is_neither_promoted_nor_given_more_but_goes_back_when_it_must() -> None:
    for asked in ("", "promote"):
        action = decide(PLAN, snapshot(step=2, server="loading", asked=asked), Evidence((GOOD,)))
        assert (action.do, action.why) == ("wait", "the challenger is loading again")
    assert told(PLAN, BAD, server="loading")[0] == "roll back"
    assert told(PLAN, GOOD, server="loading", now=3600.0)[0] == "roll back"


@pytest.mark.parametrize("phase", ["flying", "paused"])
def test_a_challenger_that_fails_in_the_air_goes_back(phase: str) -> None:
    action = decide(PLAN, snapshot(phase, server="failed", why="exit status 1"), Evidence((GOOD,)))
    assert (action.do, action.why) == ("roll back", "the challenger failed: exit status 1")


@pytest.mark.parametrize(
    ("phase", "do", "then"), [("promoting", "promote", "promoted"), ("rolling back", "end", "rolled back")]
)
def test_what_was_written_down_is_said_again_until_it_is_done(phase, do, then) -> None:
    for asked in ("", "abort", "promote"):
        assert told(PLAN, phase=phase, asked=asked) == (do, then, 0, None)
        assert told(PLAN, phase=phase, server="gone", asked=asked) == ("wait", phase, 0, None)


@pytest.mark.parametrize("phase", ["promoted", "rolled back", "ended"])
def test_what_is_over_stays_so(phase: str) -> None:
    assert told(PLAN, BAD, phase=phase, now=1e9) == ("wait", phase, 0, None)


def test_a_clock_that_is_set_back_or_on_moves_no_step_and_no_deadline_away() -> None:
    early = stratum(0.05, arm(2000, 10), arm(100, 0), seconds=30.0)
    assert told(PLAN, early, now=-1e6)[0] == "wait"
    assert told(PLAN, early, now=3000.0)[0] == "wait"
    assert told(PLAN, replace(early, seconds=600.0), now=-1e6)[0] == "advance"
    assert told(PLAN, replace(early, seconds=3600.0), now=-1e6)[0] == "roll back"


def test_blue_green_is_held_against_what_the_champion_did_before_and_kept_for_a_time() -> None:
    plan = replace(PLAN, kind="blue-green", steps=(1.0,), keep_s=900.0)
    before, after = stratum(0.0, arm(4000, 20), arm(0)), stratum(1.0, arm(0), arm(4000, 20), 899.0)
    assert told(plan, phase="loading", step=-1) == ("begin", "flying", 0, 1.0)
    assert told(plan, before, after)[0] == "wait"
    assert told(plan, before, replace(after, seconds=900.0))[0] == "promote"
    assert told(plan, before, stratum(1.0, arm(0), arm(40, 20), 5.0))[0] == "roll back"
    assert told(plan, stratum(1.0, arm(0), arm(4000, 20), 900.0))[0] == "wait"


def test_a_shadow_ends_and_is_promoted_by_nobody_but_a_person() -> None:
    limits = (Limit("disagreement", at_most=0.02), Limit("p99", worse_by=2.0), Limit("errors", at_most=0.01))
    plan = Plan("shadow", steps=(1.0,), limits=limits)
    fine = stratum(1.0, *counts(4000, mirrored=4000, compared=4000, disagreed=10))
    assert told(plan, fine) == ("end", "ended", 0, None)
    assert told(plan, fine, asked="promote") == ("promote", "promoting", 0, None)
    assert told(plan, stratum(1.0, *counts(200, mirrored=200, compared=200, disagreed=40)))[0] == "roll back"
    assert told(plan, stratum(1.0, *counts(200, mirrored=200, failed=40)))[0] == "roll back"


def test_an_ab_has_one_share_and_ends_by_proof() -> None:
    plan = replace(PLAN, kind="ab", steps=(0.5,))
    assert told(plan, GOOD) == ("promote", "promoting", 0, None)

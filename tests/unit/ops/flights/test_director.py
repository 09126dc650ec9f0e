"""The loop, against a server in memory: what it does, and what is left of it wherever it is killed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.doubles.airborne import Arm
from tests.doubles.directing import Tower

from trimtab.core.errors import UserError
from trimtab.core.flights import Moments
from trimtab.core.traffic import Split
from trimtab.ops.flights.book import Book
from trimtab.ops.flights.director import EVERY_S
from trimtab.release.flight.plan import Plan
from trimtab.release.ledger.flights import Applied, Decided, note_of

CANARY = Plan(steps=(0.1, 0.5), watch_s=5.0, give_up_s=600.0, minimum=5)
BAD = {"challenger": Arm(errors=0.9)}


def notes(tower, kind):
    return [note for entry in tower.ledger.kept if isinstance(note := note_of(entry), kind)]


def test_a_good_challenger_is_promoted_step_by_step():
    tower = Tower.of(CANARY)
    assert tower.director().run().outcome == "promoted"
    assert tower.server.log == ["loaded", "share 0.1", "share 0.5", "promoted"]
    assert (tower.server.store, tower.server.flight) == ("sha256:new", "")
    assert [note.action.do for note in notes(tower, Decided) if note.action.do != "wait"] == [
        "begin", "advance", "promote", "promote",
    ]  # fmt: skip
    assert [(note.do, note.step, note.share) for note in notes(tower, Applied)] == [
        ("begin", 0, 0.1), ("advance", 1, 0.5), ("promote", 1, 0.0), ("promote", 1, 0.0),
    ]  # fmt: skip


def test_every_decision_is_written_down_with_its_findings_and_counts():
    tower = Tower.of(CANARY)
    tower.director().run()
    promoted = next(note for note in notes(tower, Decided) if note.action.do == "promote")
    assert promoted.action.findings[0].verdict == "PASS"
    assert [stratum.share for stratum in promoted.strata] == [0.1, 0.5]
    first, second = (stratum.counts.challenger.requests for stratum in promoted.strata)
    assert 0 < first < second
    assert promoted.action.findings[0].n == first + second


def test_a_bad_challenger_is_off_the_traffic_at_the_next_look():
    tower = Tower.of(CANARY, arms=BAD)
    ended = tower.director().run()
    assert (ended.outcome, ended.why) == ("rolled back", "errors are above 10 %")
    assert tower.server.log == ["loaded", "share 0.1", "share 0", "ended"]
    assert tower.server.store == "sha256:old"
    assert tower.server.bad <= 4 + EVERY_S * tower.server.rate


def test_a_challenger_that_does_not_load_is_never_asked():
    tower = Tower.of(CANARY, fails="no weights")
    ended = tower.director().run()
    assert (ended.outcome, ended.why) == ("rolled back", "no weights")
    assert tower.server.counts.challenger.requests == 0


def test_without_traffic_nothing_is_promoted():
    tower = Tower.of(replace(CANARY, give_up_s=60.0), rate=0.0)
    assert tower.director().run().outcome == "rolled back"
    assert "promoted" not in tower.server.log


def test_an_ab_flight_and_a_shadow_end_without_promotion():
    for kind, share in (("ab", "share 0.1"), ("shadow", "share 0 shadow 0.1")):
        tower = Tower.of(replace(CANARY, kind=kind, steps=(0.1,)))
        assert tower.director().run().outcome == "finished"
        assert tower.server.log == ["loaded", share, "ended"]
        assert tower.server.store == "sha256:old"


def test_the_split_goes_along():
    tower = Tower.of(replace(CANARY, split=Split("header", "x-user")))
    director = tower.director()
    for _ in range(4):
        director.turn()
        tower.clock.sleep(EVERY_S)
    assert tower.server.traffic.split == Split("header", "x-user")


def test_a_server_that_is_gone_is_waited_for_and_the_flight_goes_on():
    tower = Tower.of(CANARY)
    director = tower.director()
    while "share 0.1" not in tower.server.log:
        director.turn()
        tower.clock.sleep(EVERY_S)
    tower.server.gone = True
    for _ in range(200):
        director.turn()
        tower.clock.sleep(EVERY_S)
    assert tower.told[-1].why == "nobody answers"
    assert tower.server.traffic.share == 0.0, "the lease is over, so nobody is exposed"
    tower.server.gone = False
    assert director.run().outcome == "promoted"


def test_a_server_that_was_restarted_has_ended_the_flight():
    tower = Tower.of(CANARY)
    director = tower.director()
    while "share 0.5" not in tower.server.log:
        director.turn()
        tower.clock.sleep(EVERY_S)
    tower.server.restart()
    ended = director.run()
    assert ended.outcome == "rolled back"
    assert "restarted" in ended.why
    assert tower.server.store == "sha256:old"


def test_a_promotion_that_the_server_refuses_is_no_promotion():
    tower = Tower.of(CANARY, fixed=True)
    ended = tower.director().run()
    assert ended.outcome == "rolled back"
    assert "refuses to promote: what the name means cannot be changed" in ended.why
    assert tower.server.log[-2:] == ["share 0", "ended"]


def test_a_challenger_that_fails_between_two_looks_is_rolled_back():
    tower = Tower.of(CANARY)
    director = tower.director()
    while "share 0.1" not in tower.server.log:
        director.turn()
        tower.clock.sleep(EVERY_S)
    steer = tower.server.passes

    def dies(seconds):
        steer(seconds)
        if tower.server.counts.challenger.requests > 20:
            tower.server.fails = "processes that have it end by themselves"

    tower.clock.world = dies
    ended = director.run()
    assert (ended.outcome, ended.why) == ("rolled back", "processes that have it end by themselves")


def test_another_flight_on_the_endpoint_is_refused_with_its_name():
    tower = Tower.of(CANARY)
    tower.server.serve("somebody-else", "sha256:other")
    with pytest.raises(UserError, match="`somebody-else` is on"):
        tower.director().run()
    assert Book(tower.ledger).on("churn") is None, "it never began"
    assert tower.server.flight == "somebody-else"


def test_pause_and_resume_by_a_person():
    tower = Tower.of(CANARY)
    director = tower.director()
    for _ in range(6):
        director.turn()
        tower.clock.sleep(EVERY_S)
    tower.ask("pause", "1")
    for _ in range(40):
        director.turn()
        tower.clock.sleep(EVERY_S)
    assert tower.server.traffic.share == 0.1, "it stays where it is"
    assert tower.wishes.wish is None
    tower.ask("resume", "2")
    assert director.run().outcome == "promoted"
    assert tower.server.log == ["loaded", "share 0.1", "share 0.5", "promoted"]
    assert [note.wish.asked for note in notes(tower, Decided) if note.wish] == ["pause", "resume"]


@pytest.mark.parametrize(("asked", "outcome"), [("abort", "rolled back"), ("promote", "promoted")])
def test_abort_and_promote_by_a_person(asked, outcome):
    tower = Tower.of(replace(CANARY, watch_s=1e6, give_up_s=1e7))
    director = tower.director()
    for _ in range(10):
        director.turn()
        tower.clock.sleep(EVERY_S)
    tower.ask(asked)
    assert director.run().outcome == outcome


def test_a_wish_for_another_flight_is_thrown_away():
    tower = Tower.of(CANARY)
    director = tower.director()
    tower.ask("abort")
    tower.wishes.wish = replace(tower.wishes.wish, flight="churn-0-abcdef")
    assert director.run().outcome == "promoted"
    assert tower.wishes.wish is None


def test_quality_goes_along_with_what_is_counted():
    tower = Tower.of(CANARY)

    def measured(_):
        n = tower.server.counts.challenger.requests
        return {"challenger": {"accuracy": Moments(n, n * 0.9, n * 0.9, 0.0, 1.0)}}

    tower.measures = measured
    tower.director().run()
    for stratum in notes(tower, Decided)[-1].strata:
        challenger = stratum.counts.challenger
        assert challenger.measures["accuracy"].count == challenger.requests > 0


def test_time_that_nobody_watched_is_not_watched_time():
    tower = Tower.of(CANARY)
    director = tower.director()
    while "share 0.1" not in tower.server.log:
        director.turn()
        tower.clock.sleep(EVERY_S)
    tower.clock.sleep(300.0)
    director = tower.director()
    director.turn()
    assert director.standing.step == 0, "300 s are more than it is to be watched, but nobody did"
    assert director.run().outcome == "promoted"

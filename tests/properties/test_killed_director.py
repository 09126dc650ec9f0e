"""Thirty flights, whose director is killed before and after everything that it does to the world, one at a time."""

from __future__ import annotations

import pytest
from tests.doubles.airborne import Arm
from tests.doubles.directing import Killed, Killer, Tower

from trimtab.ops.flights.book import Book
from trimtab.ops.flights.director import EVERY_S
from trimtab.release.flight.plan import Plan
from trimtab.release.ledger.flights import Decided, note_of

BAD = {"challenger": Arm(errors=0.9)}
FLIGHTS = [
    pytest.param(kind, steps, arms, asked, seed, id=f"{kind}-{len(steps)}-{name}-{asked or 'left alone'}-{seed}")
    for kind, steps, seed in (
        ("canary", (0.1, 0.5), 1),
        ("canary", (0.3,), 2),
        ("ab", (0.5,), 3),
        ("blue-green", (1.0,), 4),
        ("shadow", (0.5,), 5),
    )
    for name, arms in (("good", {}), ("bad", BAD))
    for asked in ("", "pause", "abort")
]


def decisions(tower):
    return [note for entry in tower.ledger.kept if isinstance(note := note_of(entry), Decided)]


def lives(tower, killer, asked):
    """One director until it is killed, and then others, until the flight has ended."""
    for life in (killer, *[Killer()] * 3):
        try:
            director = tower.director(life)
            if asked and not any(note.wish for note in decisions(tower)):
                tower.ask(asked)
            for _ in range(2000):
                if director.standing.phase == "paused" and tower.wishes.wish is None:
                    tower.ask("resume", "again")
                director.turn()
                if director.standing.ended:
                    return
                tower.clock.sleep(EVERY_S)
        except Killed:
            if any(one.ended for one in Book(tower.ledger).flights().values()):
                return  # nothing was left to do
            tower.clock.sleep(1.0)
    raise AssertionError("the flight does not end")


@pytest.mark.parametrize(("kind", "steps", "arms", "asked", "seed"), FLIGHTS)
def test_wherever_it_is_killed_there_is_one_primary_and_the_flight_ends(kind, steps, arms, asked, seed):
    plan = Plan(kind=kind, steps=steps, watch_s=1.0, give_up_s=600.0, minimum=2)

    def flown(killer):
        tower = Tower.of(plan, arms=arms, rate=30.0)
        tower.server.chance.seed(seed)
        lives(tower, killer, asked)
        return _outcome(tower)

    whole = Killer()
    expected = flown(whole)
    assert len(FLIGHTS) == 30
    assert whole.count > 8
    for at in range(whole.count):
        for after in (False, True):
            assert flown(Killer(at, after)) == expected, (at, after)


def _outcome(tower):
    """How it ended, once what must hold wherever it was killed is seen to hold."""
    server = tower.server
    (flight,) = Book(tower.ledger).flights().values()
    assert server.flight == "", "no challenger is left"
    assert server.champion == server.store, "one primary, also after a restart"
    assert (server.store == "sha256:new") is (flight.ended.outcome == "promoted")
    assert server.log.count("promoted") == (flight.ended.outcome == "promoted")
    if "promoted" in server.log:
        assert not any(line.startswith("share") for line in server.log[server.log.index("promoted") :])
    return flight.ended.outcome

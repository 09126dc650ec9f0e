"""The simulator says before what a live flight then costs: requests exposed, within the range of 99 of 100 flights.

Each live flight is one draw, so that one of a hundred may be outside; of twenty hardly two, and hardly two in a row.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from tests.doubles.asking import PROJECT, RATE, People, ended

from trimtab.cli.aloft import LEDGER
from trimtab.ops.flights.book import Book
from trimtab.ops.simulate.play import Runs, play
from trimtab.ops.simulate.report import scene_of
from trimtab.ops.simulate.source import Described
from trimtab.ops.simulate.world import Lognormal, Side, World
from trimtab.project import project_of
from trimtab.release.ledger.ledger import Ledger

CHALLENGER = "aa" * 6
ASKED_S = 0.03  # what an answer takes
FEW = [("part 0.5 raise", "10, 50"), ("sleep 0.09", "10, 50"), ("", "25, 50")]
MANY = [
    *((f"part {part} raise", steps) for part in (0.15, 0.2, 0.3, 0.5, 0.7, 1.0) for steps in ("10, 50", "25, 50")),
    *((f"sleep {seconds}", steps) for seconds in (0.09, 0.12, 0.2) for steps in ("10, 50", "25, 50")),
    *(("", steps) for steps in ("10, 50", "25, 50")),
]


class Varied(People):
    """People of whom each asks something else."""

    def ask(self, x):
        super().ask(int(x) + random.random())


def exposures(what, project):
    """Answers of the challenger in each of many simulated flights."""
    word, *numbers = what.split(" ")[-2:] if what.startswith("sleep") else what.split(" ")
    errors = float(numbers[0]) if word == "part" else 0.0
    # the word is done in place of what callers ask for, but where it is done to a part of them
    seconds = float(numbers[0]) if word == "sleep" else ASKED_S
    usual, own = (Lognormal(s + 0.004, s + 0.02) for s in (ASKED_S, seconds))
    world = World(RATE, champion=Side(0.0, usual), challenger=Side(errors, own))
    plan = project_of(project, Path("/p/trimtab.toml")).flight
    return scene_of(what, plan, world, play(plan, Described(world), Runs(200, 1.0)))


def live(flown, fly, what, project, folder):
    """Answers that people had of the challenger, as the flight was decided; its outcome."""
    (folder / "version").write_text("00")
    server = flown()
    (server.shelf / "new").write_text(f"aa says {what}" if what else "aa")
    with Varied(server, f"sleep {ASKED_S}") as people:
        director = fly(server, project=project)
        status = ended(director, 200)
        time.sleep(0.5)
    server.child.stop()
    assert [one for one in people.answers if one.revision != CHALLENGER and one.status != 200] == []
    if status:
        return len(people.of(CHALLENGER)), "rolled back"
    *_, standing = Book(Ledger(folder / LEDGER)).flights().values()
    return sum(one.counts.challenger.requests for one in standing.closed), "promoted"


@pytest.mark.parametrize(("what", "steps"), FEW)
def test_a_live_flight_costs_what_was_simulated(flown, fly, tmp_path, what, steps):
    flights = []
    for _ in range(2):
        exposed, outcome, scene = compared(flown, fly, what, steps, tmp_path)
        assert scene.odds(outcome).count > 0
        spread = scene.spread(lambda one: one.exposed)
        if spread.low <= exposed <= spread.high:
            return
        flights.append((exposed, spread))
    pytest.fail(f"outside twice: {flights}")


@pytest.mark.timeout(3000)
@pytest.mark.skipif("SOAK" not in os.environ, reason="twenty live flights")  # stated reason: they take ten minutes
def test_twenty_live_flights_cost_what_was_simulated(flown, fly, tmp_path):
    outside = []
    for what, steps in MANY:
        exposed, _, scene = compared(flown, fly, what, steps, tmp_path)
        spread = scene.spread(lambda one: one.exposed)
        if not spread.low <= exposed <= spread.high:
            outside.append((what, steps, exposed, spread))
    assert len(MANY) == 20
    assert len(outside) <= 1, outside


def compared(flown, fly, what, steps, folder):
    project = PROJECT.replace("[10, 50]", f"[{steps}]")
    scene = exposures(what, project)
    exposed, outcome = live(flown, fly, what, project, folder)
    spread = scene.spread(lambda one: one.exposed)
    simulated = f"simulated {spread.low:.0f} to {spread.high:.0f}"
    print(f"{what or 'healthy'} at {steps} %: {exposed} exposed, {outcome}; {simulated}")
    return exposed, outcome, scene

"""What many flights add up to."""

import json
from dataclasses import replace

import pytest

from trimtab.ops.simulate.flight import Flight
from trimtab.ops.simulate.report import Scene, scene_of


def flight(outcome="promoted", seconds=100.0, exposed=10, why="errors 3 %"):
    return Flight(outcome, seconds, exposed, 1, 2, 3, 4, 100, 5, ((0.0, 0.1),), why)


def test_which_decision_is_wrong_depends_on_the_truth():
    flights = (*[flight()] * 6, *[flight("rolled back")] * 3, flight("given up"))
    assert Scene("x", (), flights).wrong.count == 3
    assert Scene("x", ("errors",), flights).wrong.count == 6


def test_numbers_are_spread_by_their_order():
    scene = Scene("x", (), tuple(flight(exposed=number) for number in range(101)))
    spread = scene.spread(lambda one: one.exposed)
    assert (spread.median, spread.nine) == (50, 90)
    assert spread.median_low < 50 < spread.median_high
    assert (spread.low, spread.high) == (pytest.approx(0.5), pytest.approx(99.5))


def test_times_are_of_those_that_came_out_so():
    scene = Scene("x", (), (flight("rolled back", 5.0), flight("promoted", 50.0), flight("given up", 500.0)))
    assert (scene.detected.median, scene.passed.median) == (5, 50)
    assert Scene("x", (), (flight("given up"),)).detected is None


def test_causes_are_counted():
    flights = [flight("rolled back", why=why) for why in ("p99 3 s > 2 s", "errors 3 %, p99 3 s", "errors 9 %")]
    assert Scene("x", (), (*flights, flight())).whys == [("errors", 2), ("p99", 1)]


def test_it_is_json(report, plan, world):
    plain = json.loads(json.dumps(report.plain(), allow_nan=False))
    assert [scene["breaks"] for scene in plain["scenes"]] == [["errors"], []]
    assert plain["scenes"][0]["outcomes"]["rolled back"]["count"] == 30
    assert scene_of("x", plan, replace(world, rate=1.0), [flight()]).breaks == ("errors",)

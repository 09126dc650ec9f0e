"""Which requests go ahead of the queue, and what becomes of those that fail there."""

import itertools

import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.server.batching.at_once import _PROBE, _STEADY, AtOnce
from trimtab.server.engines import Done

QUICK = ((1, 10e-6), (64, 100e-6))  # among others a row costs 1.5 us, alone 10
SLOW_ALONE = ((1, 200e-6), (64, 640e-6))  # among others a row costs 10 us, alone 200
LONG = ((1, 0.01),)


def table(height=1):
    return Table({"x": Column(np.ones(height))}, height)


def twice(given):
    return {"y": given.columns["x"].values * 2}


@pytest.fixture(name="made")
def fixture_made(Kit):
    def made(points=QUICK, predictor=twice, clock=None, **limits):
        kit = Kit(1, points, **limits)
        kit.at_once = AtOnce(
            predictor, kit.batcher, kit.curve, kit.batcher._limits, 0.004, clock or itertools.count(0.0, 10e-6).__next__
        )
        return kit

    return made


def test_quick_rows_are_answered_where_they_arrive(made):
    kit = made()
    assert kit.at_once(table(3))["y"].tolist() == [2, 2, 2]
    assert (kit.turns, kit.engine.started) == ([], [])


@pytest.mark.parametrize(
    ("points", "limits", "worth"),
    [
        (QUICK, {}, True),
        (SLOW_ALONE, {}, False),
        (SLOW_ALONE, {"rows": 1}, True),
        (LONG, {"rows": 1}, False),
        ((), {}, False),
    ],
    ids=["quick", "cheaper among others", "never among others", "would hold up the loop", "nothing is known"],
)
def test_the_queue_has_what_would_gain_from_it_and_what_takes_long(made, points, limits, worth):
    kit = made(points, **limits)
    assert kit.at_once.worth(1) is worth
    assert (kit.at_once(table()) is not None) is worth


def test_nothing_goes_ahead_of_what_waits(made):
    kit = made()
    call = kit.submit()
    assert kit.at_once(table()) is None
    kit.turn()
    assert kit.at_once(table()) is None  # the engine is busy
    call.settle({})


def failing(given):
    raise SystemExit(given.height)


@pytest.mark.parametrize("predictor", [failing, lambda _: {}, lambda _: {"y": np.ones(7)}])
def test_what_fails_or_is_no_answer_is_left_to_the_queue(made, predictor):
    assert made(predictor=predictor).at_once(table()) is None


def batch(kit, calls):
    for _ in range(calls):
        kit.submit()
    kit.turn()
    assert kit.heights == [calls]
    kit.engine.end(Done({"y": np.ones(calls)}, 1e-4))


def test_one_in_a_few_goes_into_the_queue_and_all_of_them_where_many_share_a_batch(made):
    kit = made()
    answered = [kit.at_once(table()) is not None for _ in range(5 * _PROBE)]
    assert answered.count(False) == 5
    for _ in range(20):
        batch(kit, 5)
    assert kit.batcher.joined > 4
    assert [kit.at_once(table()) for _ in range(50)] == [None] * 50
    for _ in range(20):
        batch(kit, 1)
    assert kit.batcher.joined < 2
    assert any(kit.at_once(table()) is not None for _ in range(2))


def test_some_calls_are_timed_and_the_curve_decides_anew(made):
    ticks = iter(np.arange(0, 1e6, 0.5))
    kit = made(clock=lambda: float(next(ticks)))
    for _ in range(2 * _STEADY):
        kit.at_once(table())
    assert kit.curve.seconds(1) > 0.004
    assert [kit.at_once(table()) for _ in range(5)] == [None] * 5


def test_it_is_crowded_where_something_waits(made):
    kit = made()
    assert not kit.at_once.crowded
    kit.submit(1)
    assert kit.at_once.crowded

"""Native code on the loop when it is quick, in a thread when it is not."""

import asyncio
import threading

import pytest

from trimtab.core.table import Table
from trimtab.server.batching.curve import Curve
from trimtab.server.engines import Done, Failed
from trimtab.server.engines.inline import Inline, attempt

TABLE = Table({}, 1)


def asked(seconds, predictor):
    """The outcome, and the room while it ran, for an engine of one thread that expects so many seconds a call."""
    curve = Curve()
    if seconds is not None:
        curve.note(1, seconds)

    async def ask():
        loop = asyncio.get_running_loop()
        engine = Inline(predictor, curve, loop, 0.004)
        future = loop.create_future()
        engine.start(TABLE, 1.0, future.set_result)
        room = engine.free
        outcome = await asyncio.wait_for(future, 10)
        assert engine.free == 1
        engine.close()
        return outcome, room

    return asyncio.run(ask())


@pytest.mark.parametrize(("seconds", "on_loop"), [(0.001, True), (0.004, True), (0.1, False), (None, False)])
def test_a_call_runs_where_its_expected_time_says(seconds, on_loop):
    threads = []

    def predictor(_table):
        threads.append(threading.current_thread() is threading.main_thread())
        return {}

    outcome, room = asked(seconds, predictor)
    assert isinstance(outcome, Done)
    assert (threads, room) == ([on_loop], int(on_loop))


@pytest.mark.parametrize("seconds", [0.001, 0.1])
def test_what_the_model_raises_is_an_outcome(seconds):
    def predictor(_table):
        raise SystemExit(3)

    outcome, _ = asked(seconds, predictor)
    assert (outcome.how, outcome.what) == ("raised", "SystemExit: 3")
    assert "in predictor" in outcome.trace


def test_an_attempt_is_timed_by_the_given_clock():
    ticks = iter([1.0, 3.5])
    outcome = attempt(lambda _table: {"y": None}, TABLE, lambda: next(ticks))
    assert (outcome.outputs, outcome.seconds) == ({"y": None}, 2.5)
    assert isinstance(attempt(lambda _table: 1 / 0, TABLE), Failed)

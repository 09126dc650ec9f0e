"""The pool over a nursery that lives in memory: its workers are the other ends of real channels."""

import os
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from trimtab.core.errors import Problem
from trimtab.core.table import Column, Table
from trimtab.server.engines import Done, Failed
from trimtab.server.workers.child import ANSWER, ASK, FAILED, work
from trimtab.server.workers.nursery import Event

STRANGE = Table({"x": Column(np.array([object()], object))}, 1)


def test_what_the_first_worker_found_is_told_once(story):
    tale = story(count=2).ready(1, 2)
    assert [ready.points for ready in tale.loaded] == [{1: 0.5}]
    assert (tale.pool.free, tale.pool.pids, tale.woken) == (2, [101, 102], 2)


def test_a_table_is_answered_and_its_worker_is_free_again(story):
    tale = story().ready(1)
    tale.start()
    assert (tale.pool.free, len(tale.loop.timers)) == (0, 1)
    line = tale.nursery.lines[1]
    tale.loop.turn()
    said = iter([line.receive(), None])
    answers = SimpleNamespace(receive=lambda: next(said), send=line.send)
    work(answers, lambda table: {"y": table.columns["x"].values + 1})
    tale.loop.turn()
    (outcome,) = tale.outcomes
    assert isinstance(outcome, Done)
    assert outcome.outputs["y"].tolist() == [1.0, 2.0, 3.0]
    assert (tale.pool.free, tale.loop.timers) == (1, [])


def test_a_table_that_cannot_travel_fails_alone(story):
    tale = story().ready(1)
    tale.start(STRANGE)
    (outcome,) = tale.outcomes
    assert (outcome.how, outcome.what) == (
        "raised",
        "the rows cannot reach the model's process: TypeError: a `object` in a column",
    )
    assert (tale.pool.free, tale.pool.deaths, tale.loop.timers) == (1, 0, [])
    tale.start()
    assert tale.nursery.lines[1].receive()[0] == ASK


def test_a_worker_that_dies_ends_its_call_and_is_replaced(story):
    tale = story().ready(1)
    tale.start()
    tale.die(1)
    assert tale.outcomes == [Failed("crashed", "its worker process 101 died")]
    assert (tale.pool.deaths, [*tale.nursery.lines]) == (1, [2])
    assert tale.ready(2).pool.free == 1
    tale.nursery.lines.pop(2).close()
    tale.start()  # it is found dead only when it is asked
    assert tale.outcomes[1:] == [Failed("crashed", "its worker process 102 died")]


def test_one_that_takes_too_long_is_killed_and_its_call_has_hung(story):
    tale = story().ready(1)
    tale.start()
    tale.loop.turn(1.9)
    assert tale.nursery.killed == []
    tale.loop.turn(0.2)
    assert (tale.nursery.killed, tale.outcomes) == ([1], [])
    tale.die(1)
    assert [outcome.how for outcome in tale.outcomes] == ["hung"]


def test_after_the_end_no_timer_asks_the_nursery_for_anything(story):
    tale = story().ready(1)
    for number in range(1, 22):  # more deaths than are mended at once: the last replacement waits
        tale.die(number)
    assert (len(tale.loop.timers), tale.nursery.lines) == (1, {})
    tale.pool.close()
    tale.loop.turn(100)
    assert (tale.nursery.lines, tale.loop.readers, tale.pool.pids) == ({}, {}, [])


@pytest.mark.parametrize("kind", [ANSWER, FAILED, b"?"])
def test_one_that_speaks_nonsense_is_let_go(story, kind):
    tale = story().ready(1)
    tale.start()
    tale.nursery.lines[1].send(kind, [b"x"])
    tale.loop.turn()
    assert "its worker spoke nonsense" in tale.outcomes[0].what
    assert (tale.pool.free, [*tale.nursery.lines]) == (0, [1, 2])


def test_a_crash_loop_is_slowed_down(story):
    tale = story()
    for worker in range(1, 22):
        tale.die(worker)
    assert (tale.pool.deaths, tale.nursery.lines) == (21, {})
    tale.loop.turn(1.0)
    assert [*tale.nursery.lines] == [22]


def test_one_that_has_grown_too_large_is_replaced_after_what_it_runs(story):
    tale = story(memory=1).ready(1)
    tale.start()
    tale.nursery.says.append(Event("started", 1, os.getpid()))  # any process is larger than a byte
    tale.loop.turn()
    tale.loop.turn(1.0)
    assert (tale.events, [*tale.nursery.lines], tale.pool.pids) == (["worker recycled"], [1, 2], [os.getpid()])
    tale.nursery.lines[1].send(FAILED, [msgspec.msgpack.encode(["no", ""])])
    tale.loop.turn()
    assert (len(tale.outcomes), tale.pool.pids) == (1, [])


def test_a_model_that_cannot_be_loaded_is_told(story):
    tale = story()
    tale.nursery.says.append(Event("failed", problems=[Problem("P305", "no")]))
    tale.loop.turn()
    tale.loop.turn()
    assert [error.problems[0].what for error in tale.loaded] == ["no"]


def test_a_nursery_that_has_gone_is_lost_and_nobody_is_replaced(story):
    tale = story().ready(1)
    tale.nursery.says += [Event("ended", 1, 101, -9), None]
    tale.loop.turn()
    tale.loop.turn()
    assert (tale.pool.lost, tale.events) == (True, ["worker died"])
    tale.die(1)
    assert tale.nursery.lines == {}
    assert story().pool.lost is False

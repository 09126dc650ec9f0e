"""The queue's decisions one by one; `tests/properties/test_batcher.py` asks whether every answer is the right one."""

import numpy as np
import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Column, Table
from trimtab.server.batching.call import StreamCall
from trimtab.server.engines import Done, Failed, Word


def done(rows, **outputs):
    return Done({"y": np.ones(rows), **outputs}, 0.001)


def test_what_arrives_in_one_turn_goes_as_one_call(Kit):
    kit = Kit()
    for height in (1, 2, 3):
        kit.submit(height)
    assert (kit.heights, len(kit.turns), kit.batcher.waiting) == ([], 1, 3)
    kit.turn()
    assert (kit.heights, kit.batcher.waiting) == ([6], 0)
    kit.engine.end(done(6))
    assert [len(outputs["y"]) for outputs in kit.told] == [1, 2, 3]


def test_a_batch_has_at_most_its_rows_unless_one_call_alone_has_more(Kit):
    kit = Kit(free=9, rows=4)
    for height in (3, 2, 9, 1):
        kit.submit(height)
    kit.turn()
    assert kit.heights == [3, 2, 9, 1]


def test_nothing_starts_without_room_and_a_wake_starts_it(Kit):
    kit = Kit(free=0)
    kit.submit()
    kit.turn()
    assert kit.heights == []
    kit.engine.free = 1
    kit.batcher.wake()
    kit.batcher.wake()
    assert len(kit.turns) == 1
    kit.turn()
    assert kit.heights == [1]


def test_what_nobody_waits_for_never_runs(Kit):
    kit = Kit(free=0)
    left = [kit.submit(), kit.submit()]
    kit.submit()
    for call in left:
        call.settle({})
    kit.engine.free = 1
    kit.turn()
    assert kit.heights == [1]
    kit = Kit()
    kit.submit().settle({})
    kit.turn()
    assert (kit.heights, kit.batcher.waiting) == ([], 0)


@pytest.mark.parametrize(("how", "parts"), [("raised", [2, 2]), ("crashed", [1, 1, 1, 1]), ("hung", [1, 1, 1, 1])])
def test_a_batch_that_fails_is_taken_apart(Kit, how, parts):
    kit = Kit()
    for _ in range(4):
        kit.submit()
    kit.turn()
    kit.engine.end(Failed(how, "why"))
    kit.engine.free = 4
    kit.turn()
    assert kit.heights == parts
    assert kit.told == []


@pytest.mark.parametrize(("how", "tries"), [("raised", 1), ("hung", 1), ("crashed", 2)])
def test_a_call_alone_fails_and_one_whose_worker_died_is_tried_twice(Kit, how, tries):
    kit = Kit()
    kit.submit()
    for _ in range(tries):
        assert kit.told == []
        kit.turn()
        kit.engine.end(Failed(how, "why"))
    assert [error.problems[0].what for error in kit.told] == [how]
    assert kit.batcher.waiting == 0


@pytest.mark.parametrize("outputs", [{}, {"y": np.ones(1)}, {"z": np.ones(2)}])
def test_answers_that_are_missing_are_a_fault_of_the_model(Kit, outputs):
    kit = Kit()
    kit.submit(2)
    kit.turn()
    kit.engine.end(Done(outputs, 0.001))
    assert [error.problems[0].what for error in kit.told] == ["raised"]


def test_a_batch_has_part_of_a_calls_patience_or_what_is_expected_of_it(Kit):
    kit = Kit(free=9, points=[(2, 0.1), (256, 6.0), (512, 10.5)], patience_s=40.0, goal_s=9999.0)
    kit.submit(2)
    kit.turn()
    for heights in ((1, 1), (128, 128), (256, 256)):
        for height in heights:
            kit.submit(height)
        kit.turn()
    assert [patience for _, patience, _ in kit.engine.started] == [40.0, 10.0, 24.0, 40.0]


def test_closing_settles_what_waits_and_what_was_taken_apart(Kit):
    kit = Kit()
    for _ in range(2):
        kit.submit()
    kit.turn()
    kit.engine.end(Failed("raised", "why"))
    kit.submit()
    why = OutsideError(Problem("P316", "closing"))
    kit.batcher.close(why)
    assert (kit.told, kit.batcher.waiting) == ([why] * 3, 0)
    kit.turn()
    assert kit.heights == []


class Told:
    """A call in parts in front of a batcher, and what came of it."""

    def __init__(self, kit, height=1):
        self.parts, self.words, self.told = [], [], []
        self.call = StreamCall(Table({"x": Column(np.ones(height))}, height), 9.0, self.told.append, lambda: 0.0)
        self.call.hear = lambda _call, outputs: self.parts.append(outputs)
        kit.batcher.submit(self.call)


def test_a_call_in_parts_is_never_joined_with_others(Kit):
    kit = Kit(points=[(1, 0.001)])
    kit.submit()
    Told(kit, 2)
    Told(kit, 3)
    kit.submit()
    kit.submit()
    for height in (1, 2, 3, 2):
        kit.turn()
        assert kit.engine.started[0][0] == height
        kit.engine.end(Done({"y": np.ones(height)}, 0.001))


def test_parts_are_handed_on_and_the_end_settles(Kit):
    kit = Kit()
    told = Told(kit)
    kit.turn()
    assert kit.engine.started[0][1] == 9.0
    kit.engine.part({"y": np.ones(1)}, told.words.append)
    assert (len(told.parts), told.told, told.words) == (1, [], [])
    kit.submit()
    kit.engine.end(Done({}, 0.1))
    assert told.told == [{}]
    kit.turn()
    assert len(kit.engine.started) == 1


@pytest.mark.parametrize("outputs", [{"y": np.ones(2)}, {"z": np.ones(1)}])
def test_a_part_that_is_no_answer_for_every_row_ends_the_call(Kit, outputs):
    kit = Kit()
    told = Told(kit)
    kit.turn()
    kit.engine.part(outputs, told.words.append)
    assert (told.parts, told.words) == ([], [Word.STOP])
    assert told.told[0].problems[0].what == "raised"


@pytest.mark.parametrize("begun", [False, True])
def test_a_worker_that_dies_is_forgiven_once_ahead_of_the_first_part(Kit, begun):
    kit = Kit()
    told = Told(kit)
    kit.turn()
    if begun:
        kit.engine.part({"y": np.ones(1)}, told.words.append)
        told.call.go_on()
    kit.engine.end(Failed("crashed", "it died"))
    kit.turn()
    assert (len(told.told), len(kit.engine.started)) == ((1, 0) if begun else (0, 1))

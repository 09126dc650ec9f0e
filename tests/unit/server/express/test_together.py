"""Requests of one turn in one call of the model, and all that is left to the queue."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.doubles.kept import Kept
from tests.doubles.laned import Server, columns, endpoint_of, foreign, matrix, tensors
from tests.doubles.queueing import sure

from trimtab.bundle.kernels import library
from trimtab.core.errors import Problem
from trimtab.server.batching.batcher import BatchLimits
from trimtab.server.express.together import open_together
from trimtab.server.faults import OverloadedError
from trimtab.server.settings import Settings

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
MATRIX = matrix("FP32")
ONE = tensors(("x", "FP32", [1, 3], "[1,2,3]"))
TWO = tensors(("x", "FP32", [2, 3], "[[4,5,6],[1,2,3]]"))
NEAR = ONE.replace(b"[1,2,3]", b"[1.0,2,3]")
FAR = ONE.replace(b"[1,2,3]", b"[9e6,0,0]")


class Crowd(Server):
    """Callers whose first requests were read in full; the turn of the loop is in the test's hands."""

    def __init__(self, callers=4, signature=MATRIX, model=foreign, bodies=(ONE, TWO, NEAR), **settings):
        self.waiting, self.called = [], []

        def counted(prepared):
            self.called.append(len(prepared) if isinstance(prepared, np.ndarray) else len(prepared["a"]))
            return model(prepared)

        super().__init__(endpoint_of(signature, counted, soon=self.waiting.append), Settings(**settings))
        self.together, self.batcher, self.said = self.endpoint.reading, self.endpoint.batcher, {}
        sure(self)
        self.batcher._soon = self.waiting.append
        self.endpoint.at_once = None
        self.callers = [self.connect() for _ in range(callers)]
        for body in bodies:
            self.callers[0].asks(body)
            self.turn()
        for _ in range(64):
            self.endpoint.curve.note(64, 1e-6)  # rows cost next to nothing beside others
        self.together._enough = 64
        self.called.clear()

    def say(self, *bodies, more=""):
        """Each body from another caller, whose requests all take the lane."""
        before = self.asked
        for caller, body in zip(self.callers, bodies, strict=False):
            self.said[caller] = caller.asks(body, more)
        assert self.asked == before

    def turn(self):
        """What each caller has heard since it asked."""
        while self.waiting:
            self.waiting.pop(0)()
        said, self.said = self.said, {}
        return [said.get(caller, []) + caller.heard() for caller in self.callers]


def numbers(answers):
    """Of each caller, the status or the numbers of its one answer."""
    found = []
    for (answer,) in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        found.append(json.loads(body)["outputs"][0]["data"] if status == 200 else status)
    return found


def test_what_comes_in_one_turn_is_one_call_and_each_has_its_own_answer():
    crowd = Crowd(3)
    crowd.say(ONE, TWO, ONE.replace(b"[1,2,3]", b"[0,0,8]"))
    assert numbers(crowd.turn()) == [[-2.75], [-6.5, -2.75], [2.0]]
    assert (crowd.called, crowd.plane.pending) == ([4], 0)
    assert crowd.batcher.joined > 1
    assert crowd.together._kernel.read(1).tolist() == [[1.0, 2.0, 3.0]]  # the next ones begin at the first row again


def test_columns_are_side_by_side_for_all_of_them():
    body = tensors(*((name, "FP64", [2], text) for name, text in (("b", "[3,4]"), ("a", "[1,2]"), ("c", "[5,6]"))))
    crowd = Crowd(2, columns(), bodies=[body])
    crowd.say(body, body.replace(b"[1,2]", b"[3,8]"))
    assert numbers(crowd.turn()) == [[-4.25, -5.5], [-3.25, -2.5]]
    assert crowd.called == [4]


def test_a_call_has_no_more_rows_than_are_worth_it():
    crowd = Crowd(4)
    crowd.together._enough = 2
    crowd.together._find_enough = lambda: 2
    crowd.say(ONE, ONE, TWO, ONE)
    assert crowd.called == [2, 2]
    assert numbers(crowd.turn()) == [[-2.75], [-2.75], [-6.5, -2.75], [-2.75]]
    assert crowd.called == [2, 2, 1]


def test_rows_that_may_not_be_joined_are_asked_alone():
    crowd = Crowd(2)
    crowd.together._limits = replace(crowd.together._limits, rows=1)
    crowd.together._enough = crowd.together._find_enough()
    crowd.say(ONE, TWO)
    assert numbers(crowd.turn()) == [[-2.75], [-6.5, -2.75]]
    assert crowd.called == [1, 2]


def test_as_many_rows_as_the_matrix_has_fit_into_it():
    endpoint = Crowd(2).endpoint
    reading = open_together(endpoint, foreign, endpoint.batcher, BatchLimits(), 1.0, print, 2)
    assert (reading._kernel.most, len(reading._kernel.matrix), reading._find_enough()) == (2, 4, 2)


def test_one_that_the_model_refuses_costs_the_others_nothing():
    crowd = Crowd(3)
    crowd.say(ONE, FAR, TWO)
    assert numbers(crowd.turn()) == [[-2.75], 500, [-6.5, -2.75]]
    assert crowd.plane.pending == 0


@pytest.mark.parametrize("answer", ["short", "other", "none"])
def test_answers_that_are_not_there_for_every_row_are_sorted_out_by_the_queue(answer):
    good = [True]

    def model(prepared):
        found = foreign(prepared)
        if good[0]:
            return found
        return {"short": {"y": found["y"][:-1]}, "other": {"z": found["y"]}, "none": {}}[answer]

    crowd = Crowd(2, model=model)
    good[0] = False
    crowd.say(ONE, TWO)
    assert numbers(crowd.turn()) == [500, 500]


def test_who_has_gone_is_not_asked_for_and_the_others_are():
    crowd = Crowd(3)
    crowd.say(ONE, TWO, ONE)
    crowd.callers[1].listener.connection_lost(None)
    first, second, third = crowd.turn()
    assert numbers([first, third]) == [[-2.75], [-2.75]]
    assert (second, sum(crowd.called), crowd.plane.pending) == ([], 2, 0)


def test_behind_others_in_the_queue_nobody_comes_in_here():
    crowd = Crowd(2)
    crowd.batcher._engine.free = 0
    crowd.say(ONE, TWO)
    assert (crowd.called, crowd.batcher.waiting, crowd.plane.pending) == ([], 2, 2)
    crowd.batcher._engine.free = 1
    crowd.batcher.wake()
    assert numbers(crowd.turn()) == [[-2.75], [-6.5, -2.75]]


def test_a_turn_that_has_taken_long_enough_leaves_the_rest_to_the_queue():
    crowd = Crowd(4)
    crowd.together._enough, crowd.together._longest_s = 1, 0.5
    crowd.together._find_enough = lambda: 1
    times = iter([0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3])  # of a call, and in it of the model
    crowd.together._clock = lambda: next(times)
    crowd.say(ONE, ONE, ONE, ONE)
    assert (crowd.called, crowd.batcher.waiting) == ([1, 1], 2)
    crowd.turn()
    assert crowd.together.open


def test_a_call_that_is_expected_to_hold_up_the_loop_is_left_to_the_queue():
    crowd = Crowd(2)
    crowd.together._longest_s = 1e-9
    asked = []
    crowd.batcher._engine.start = lambda table, *_: asked.append(table.height)
    crowd.batcher._limits = replace(crowd.batcher._limits, rows=1)
    crowd.say(ONE, TWO)
    crowd.turn()
    assert (crowd.called, sorted(asked)) == ([], [1, 2])


def test_who_is_in_a_hurry_waits_in_the_queue_where_his_time_is_looked_at():
    crowd = Crowd(1)
    more = "x-request-timeout-ms: 50\r\n"
    crowd.callers[0].asks(ONE, more)
    crowd.turn()
    crowd.batcher._engine.free = 0
    crowd.say(ONE, more=more)
    assert crowd.batcher.waiting == 1


def test_a_model_that_answers_with_its_own_rows_does_not_share_them_with_the_next_turn():
    crowd = Crowd(2, model=lambda rows: {"y": rows[:, 0]}, signature=replace(MATRIX, outputs=(field("FP32"),)))
    kept = Kept(crowd, crowd.endpoint.signature, errors=0.5)
    crowd.callers[0].asks(ONE, "x-request-id: mine\r\n")
    crowd.turn()
    kept.scribe.outcome = None
    crowd.say(ONE, more="x-request-id: mine\r\n")
    crowd.turn()
    crowd.callers[1].asks(ONE.replace(b"[1,2,3]", b"[7,8,9]"), "x-request-id: mine\r\n")
    crowd.turn()
    for later in kept.scribe.waiting:
        later("kept")
    assert numbers(crowd.turn()) == [[1.0], [7.0]]


def field(dtype):
    (output,) = MATRIX.outputs
    return replace(output, dtype=dtype)


def test_a_fault_while_answers_are_told_costs_nobody_his_answer(monkeypatch):
    crowd = Crowd(3)
    kept = Kept(crowd, MATRIX)
    for body in (ONE, TWO):
        crowd.callers[0].asks(body, "x-request-id: mine\r\n")
        crowd.turn()
    crowd.say(ONE, TWO, ONE, more="x-request-id: mine\r\n")
    keep, calls, crowd.together._spent_s = kept.scribe.keep, [], 9.0

    def faulty(*ended):
        if calls.append(ended) or len(calls) == 2:
            raise RuntimeError("a fault of ours")
        return keep(*ended)

    monkeypatch.setattr(kept.scribe, "keep", faulty)
    with pytest.raises(RuntimeError, match="of ours"):
        crowd.turn()
    assert numbers(crowd.turn()) == [[-2.75], [-6.5, -2.75], [-2.75]]
    assert crowd.together.open


def test_where_the_queue_refuses_too_each_is_told_so(monkeypatch):
    crowd = Crowd(2)

    def full(_call):
        raise OverloadedError(Problem("P317", "too many"))

    monkeypatch.setattr(crowd.endpoint, "submit", full)
    crowd.say(FAR, ONE)
    assert numbers(crowd.turn()) == [503, 503]


def test_tables_that_are_more_than_numbers_are_none_of_its_own():
    endpoint = endpoint_of(MATRIX, foreign)
    endpoint.signature = replace(MATRIX, inputs=(replace(MATRIX.inputs[0], dtype="INT64"),))
    assert open_together(endpoint, foreign, endpoint.batcher, BatchLimits(), 1.0, print, 100) is None

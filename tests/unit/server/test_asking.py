"""A thread asks the data plane: it gets the answer, its time is kept, and one that leaves is not computed for."""

import asyncio
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.server.asking import Asking
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.faults import GONE, refused

REQUEST = InferRequest("m", {}, "r1")
ANSWER = InferResponse("m", "1", "r1", {}, 0)


@dataclass
class MemoryPlane:
    """Answers at once, later or never."""

    answers: object = None
    raises: Exception | None = None
    settings: object = field(default_factory=lambda: SimpleNamespace(answer_timeout_s=30.0))
    asked: list = field(default_factory=list)
    settled: list = field(default_factory=list)
    started: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    recorder = None

    def start(self, request, answered, _heard=None, _trail=None):
        self.asked.append((request, threading.get_ident()))
        if self.raises is not None:
            raise self.raises
        if self.answers is not None:
            answered(self.answers)
        self.started.set()
        return SimpleNamespace(settle=lambda result: self._settle(result, answered))

    def _settle(self, result, answered):
        self.settled.append(result)
        answered(result)
        self.over.set()


@pytest.fixture
def loop():
    """A loop at work in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_the_answer_comes_back_and_the_plane_was_asked_on_its_own_thread(loop):
    plane = MemoryPlane(ANSWER)
    assert Asking(loop, plane)(REQUEST, None) is ANSWER
    ((_, thread),) = plane.asked
    assert thread != threading.get_ident()


@pytest.mark.parametrize(("given_s", "allowed_s"), [(None, 30.0), (2.0, 2.0), (float("inf"), 30.0)])
def test_the_shorter_of_both_patiences_is_passed_on(loop, given_s, allowed_s):
    plane = MemoryPlane(ANSWER)
    Asking(loop, plane)(REQUEST, given_s)
    assert plane.asked[0][0].timeout_s == allowed_s


@pytest.mark.parametrize("told", [False, True])
def test_what_the_plane_raises_or_tells_is_raised(loop, told):
    error = refused("P310", "no") if not told else OutsideError(Problem("P318", "failed"))
    plane = MemoryPlane(error) if told else MemoryPlane(raises=error)
    with pytest.raises(type(error), match=error.problems[0].code):
        Asking(loop, plane)(REQUEST, None)


def test_a_caller_that_leaves_is_not_computed_for(loop):
    plane, leave = MemoryPlane(), []

    def go():
        plane.started.wait(10)
        leave[0]()

    leaving = threading.Thread(target=go)
    leaving.start()
    with pytest.raises(OutsideError, match="P325"):
        Asking(loop, plane)(REQUEST, None, leave.append)
    leaving.join()
    assert plane.over.wait(10)
    assert plane.settled == [GONE]


def test_a_caller_that_has_left_before_is_not_asked_for(loop):
    plane = MemoryPlane(ANSWER)
    with pytest.raises(OutsideError, match="P325"):
        Asking(loop, plane)(REQUEST, None, lambda leave: leave())
    assert plane.asked == []


def test_who_leaves_leaves_nothing_behind(loop):
    for _ in range(3):
        with pytest.raises(OutsideError, match="P325"):
            Asking(loop, MemoryPlane(ANSWER))(REQUEST, None, lambda leave: leave())
    assert GONE.__traceback__ is None  # it would keep every frame that it was raised in, and the requests in them


def test_what_is_noted_runs_ahead_of_what_is_posted(loop):
    asking, order, over = Asking(loop, MemoryPlane()), [], threading.Event()
    asking.note(lambda: order.append("noted"))
    assert order == []
    assert asking.post(lambda: (order.append("posted"), over.set()))
    assert over.wait(10)
    assert order == ["noted", "posted"]


def test_when_the_loop_has_ended_the_caller_is_told():
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(OutsideError, match="the server is stopping"):
        Asking(loop, MemoryPlane())(REQUEST, None)

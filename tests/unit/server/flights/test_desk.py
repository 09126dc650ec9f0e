"""Orders about flights: what is done at once, what is asked for as a change, and who is told what, once."""

import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.traffic import Traffic
from trimtab.server.flights.desk import FlightDesk
from trimtab.server.flights.orders import FlightOrder

LOST = OutsideError(Problem("P305", "lost"))


class Supervisor:
    """The flights that a desk has, in memory."""

    def __init__(self):
        self.flights, self.said, self.changes, self.told = self, [], [], []
        self.new, self.desk = True, FlightDesk(self)

    def bundle(self, name):
        return name

    def begin(self, *words):
        self.said.append(("begin", *words))
        return self.new

    def __getattr__(self, name):
        def say(*words):
            self.said.append((name, *words))
            return self.new

        return say

    def order(self, do, **more):
        self.desk.take(FlightOrder(do, "m", "f", **more), self.changes.append, self.told.append)


@pytest.fixture
def supervisor():
    return Supervisor()


def test_a_beginning_is_answered_at_once_and_loaded_later(supervisor):
    supervisor.order("begin", challenger="m:new")
    [change] = supervisor.changes
    assert (supervisor.told, change.do, change.name, change.flight) == ([True], "fly", "m", "f")
    change.told(LOST)
    change.wanted()
    assert supervisor.said == [("begin", "m", "m", "f", "m:new"), ("loaded", "m", "f", LOST), ("wanted", "m", "f")]
    supervisor.new = False
    supervisor.order("begin", challenger="m:new")
    assert (len(supervisor.changes), supervisor.told) == (1, [True, False])


def test_steering_and_status_need_no_change(supervisor):
    supervisor.order("steer", traffic=Traffic("f", 0.5), lease_s=60.0)
    supervisor.order("status")
    assert supervisor.said == [("steer", "m", Traffic("f", 0.5), 60.0), ("status", "m")]
    assert (supervisor.changes, supervisor.told) == ([], [True, True])


def test_an_end_is_answered_at_once_and_the_processes_follow(supervisor):
    supervisor.order("end")
    assert ([change.do for change in supervisor.changes], supervisor.told) == (["land"], [True])
    supervisor.new = False
    supervisor.order("end")
    assert (len(supervisor.changes), supervisor.told) == (1, [True, False])


def test_a_promotion_is_answered_when_it_is_promised_and_only_then(supervisor):
    supervisor.order("promote")
    [change] = supervisor.changes
    assert (change.do, supervisor.told) == ("promote", [])
    change.told(None)
    change.told(LOST)  # of the processes, which is another matter
    assert supervisor.told == [True]
    supervisor.new = False
    supervisor.order("promote")
    assert (len(supervisor.changes), supervisor.told) == (1, [True, False])


def test_a_promotion_that_fails_is_told_why(supervisor):
    supervisor.order("promote")
    supervisor.changes[0].told(LOST)
    assert supervisor.told == [LOST]


def test_a_refusal_is_told(supervisor):
    error = UserError(Problem("P361", "another"))

    def begin(*_words):
        raise error

    supervisor.begin = begin
    supervisor.order("begin")
    assert (supervisor.told, supervisor.changes) == ([error], [])

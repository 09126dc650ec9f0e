"""What a request about a flight is, and what its answer is; every request that makes no sense is refused."""

import json

import msgspec
import pytest
from tests.doubles.repository import MemoryRepository

from trimtab.core.flights import ArmCounts, Counts, FlightStatus, Moments
from trimtab.core.traffic import Split, Traffic
from trimtab.server.admin import Ask, Control
from trimtab.server.faults import refused
from trimtab.server.flights.orders import FlightOrder
from trimtab.server.guard.make import open_guard
from trimtab.server.settings import Settings

STATUS = FlightStatus(
    "m", "sha256:aa", "sha256:bb", Traffic("f", 0.5, 0.0, Split("column", "x")), "ready",
    Counts(champion=ArmCounts(3, 1, values={"y": Moments(3, 6.0, 12.0, 2.0, 2.0)}), mirrored=2), lease_s=12.5,
)  # fmt: skip


class Flying(MemoryRepository):
    """A repository whose flights do what the test says."""

    def fly(self, order):
        self.done.append(order)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
def control():
    repository, lines = Flying(), []
    log = lambda _event, fields: lines.append(fields["record"])  # noqa: E731 - a line is enough
    made = Control(repository, log, open_guard(Settings(), log))

    def ask(route, body=None, *, reply=True, **query):
        repository.reply = reply
        raw = b"" if body is None else json.dumps(body).encode()
        answer = made.answer(route, Ask({b"host": b"127.0.0.1"}, raw, "m", query=query))
        return answer.status, msgspec.json.decode(answer.body)

    ask.orders, ask.audited = repository.done, lines
    return ask


BEGIN, STATE, STEER = "POST /v1/flights/{name}", "GET /v1/flights/{name}", "PUT /v1/flights/{name}/traffic"
PROMOTE, END = "POST /v1/flights/{name}/promote", "DELETE /v1/flights/{name}"


def audited(control):
    return [(record["what"], record["endpoint"], record["outcome"]) for record in control.audited]


def test_a_new_flight_is_taken_and_the_same_again_is_done(control):
    body = {"flight": "f", "challenger": "m:new"}
    assert control(BEGIN, body) == (202, {})
    assert control(BEGIN, body, reply=False) == (200, {})
    assert control.orders == [FlightOrder("begin", "m", "f", "m:new")] * 2
    assert audited(control) == [("flight begin", "m", "done")]


def test_the_status_is_the_noun_as_json(control):
    status, body = control(STATE, reply=STATUS)
    assert (status, msgspec.convert(body, FlightStatus)) == (200, STATUS)
    assert audited(control) == []


def test_traffic_is_steered_and_said_once(control):
    body = {"flight": "f", "share": 0.05, "shadow": 0.5, "split": {"by": "header", "name": "X-User"}, "lease_s": 60}
    assert control(STEER, body) == (200, {})
    assert control(STEER, body, reply=False) == (200, {})
    traffic = Traffic("f", 0.05, 0.5, Split("header", "x-user"))
    assert control.orders[0] == FlightOrder("steer", "m", "f", traffic=traffic, lease_s=60.0)
    assert audited(control) == [("flight steer", "m", "done")]


@pytest.mark.parametrize(
    "more",
    [
        {"share": -0.1}, {"share": 1.1}, {"share": "half"}, {"shadow": 2}, {"lease_s": 0}, {"lease_s": 90_000},
        {"split": {"by": "weather"}}, {"split": {"by": "header"}}, {"split": {"by": "request", "name": "x"}},
        {"split": {"by": "column", "name": "x" * 300}}, {"flight": ""}, {"flight": "a\nb"}, {"flight": "f" * 200},
    ],
)  # fmt: skip
def test_traffic_that_makes_no_sense_is_refused(control, more):
    status, body = control(STEER, {"flight": "f", "share": 0.5, "lease_s": 60} | more)
    assert (status, body["code"]) == (400, "P310")
    assert control.orders == []


def test_a_flight_is_promoted_and_ended(control):
    assert control(PROMOTE, {"flight": "f"}) == (200, {})
    assert control(END, flight="f") == (200, {})
    assert control(END)[1]["code"] == "P310"
    assert [order.do for order in control.orders] == ["promote", "end"]


@pytest.mark.parametrize(
    ("code", "status"), [("P361", 409), ("P362", 404), ("P363", 422), ("P364", 409), ("P365", 409)]
)
def test_a_refusal_has_its_status_and_is_written_down(control, code, status):
    assert control(PROMOTE, {"flight": "f"}, reply=refused(code, "no"))[0] == status
    assert audited(control) == [("flight promote", "m", code)]

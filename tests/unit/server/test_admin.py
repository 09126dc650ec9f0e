"""The control plane without a framework: every route, every refusal, one change at a time."""

import json
import threading

import pytest

from trimtab.server.admin import ROUTES, Ask, Control
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Grant, Principal
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.settings import Settings

HERE = {b"host": b"127.0.0.1:9000"}
CI = Principal("key:ci", (Grant("read"), Grant("operate", "fraud*")))


@pytest.fixture
def control(repository):
    return control_of(repository)


def control_of(repository, **guard):
    guard = open_guard(Settings(guard=GuardSettings(**guard)), print)
    control = Control(
        repository, lambda event, fields: control.logged.append((event, fields)), guard, ["Models.example"]
    )
    control.logged, control.guard = [], guard
    guard.audit.records = []
    guard.audit.control = lambda *what: guard.audit.records.append(what)
    guard.audit.refused = lambda *what: guard.audit.records.append(what)
    return control


def asked(control, route, body=b"", name="", **headers):
    given = {key.encode(): value.encode() for key, value in headers.items()}
    answer = control.answer(route, Ask({**HERE, **given}, body, name, Peer("192.0.2.1")))
    return answer.status, json.loads(answer.body)


INDEX, LOAD, UNLOAD = list(ROUTES)[:3]


def test_the_index_has_all_models_or_those_that_are_ready(control):
    status, found = asked(control, INDEX)
    assert status == 200
    assert found[1] == {"name": "fraud", "state": "UNAVAILABLE", "version": "abab", "reason": "not loaded"}
    assert [entry["name"] for entry in asked(control, INDEX, b'{"ready":true}')[1]] == ["churn"]


def test_models_are_loaded_and_unloaded(control, repository):
    assert asked(control, LOAD, name="fraud") == (200, {})
    assert asked(control, UNLOAD, b'{"parameters":{"unload_dependents":false}}', "churn") == (200, {})
    assert repository.done == [("load", "fraud"), ("unload", "churn")]


@pytest.mark.parametrize(
    ("route", "body", "name", "wanted"),
    [
        (LOAD, b"", "other", (404, "no model `other`")),
        (UNLOAD, b"", "other", (404, "no model `other`")),
        (LOAD, b"", "broken", (400, "no weights")),
        (LOAD, b'{"parameters":{"file:1/model":"x"}}', "fraud", (400, "parameter `file:1/model` is not taken")),
        (LOAD, b"{", "fraud", (400, "no JSON")),
        (INDEX, b"[]", "", (400, "does not fit")),
    ],
)
def test_what_cannot_be_done_is_said(control, repository, route, body, name, wanted):
    status, answer = asked(control, route, body, name)
    assert (status, repository.done) == (wanted[0], [])
    assert wanted[1] in answer["error"]


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"host": "localhost"}, True),
        ({"host": "[::1]:9000"}, True),
        ({"host": "models.EXAMPLE:80"}, True),
        ({"host": "evil.example:9000"}, False),
        ({"host": ""}, False),
        ({"host": "10.0.0.1:9000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://127.0.0.1:9000"}, True),  # a page of the control plane's own
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "null"}, False),
    ],
)
def test_what_a_browser_sends_for_a_page_is_refused(control, repository, headers, taken):
    status, answer = asked(control, LOAD, name="fraud", **headers)
    assert (status == 200) is taken
    assert (repository.done == [("load", "fraud")]) is taken
    assert taken or answer["code"] == "P330"


def test_a_fault_of_ours_is_logged_and_says_nothing(control, repository):
    repository.states = None
    status, answer = asked(control, INDEX)
    assert (status, answer["code"]) == (500, "P399")
    assert "AttributeError" in control.logged[0][1]["error"]


def test_one_change_at_a_time(control, repository):
    entered, go, order = threading.Event(), threading.Event(), []

    def slow(name):
        order.append(f"{name} begins")
        entered.set()
        go.wait(10)
        order.append(f"{name} ends")

    repository.load = slow
    threads = [threading.Thread(target=asked, args=(control, LOAD, b"", name)) for name in ("a", "b")]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert order == ["a begins", "a ends", "b begins", "b ends"]


def test_health_and_metadata(control):
    assert asked(control, "GET /v2/health/live") == (200, {"live": True})
    assert asked(control, "GET /v2")[1]["extensions"] == ["binary_tensor_data", "model_repository"]


def test_every_change_and_every_refusal_is_written_down(control):
    asked(control, LOAD, name="fraud")
    asked(control, LOAD, name="other")
    asked(control, UNLOAD, name="fraud", host="evil.example")
    asked(control, INDEX)
    assert control.guard.audit.records == [
        ("anybody", "load", "fraud", "192.0.2.1", "done"),
        ("anybody", "load", "other", "192.0.2.1", "P312"),
        ("", "this server is not called `evil.example`", "192.0.2.1", "page"),
    ]


def test_a_caller_needs_the_scope_for_the_model(repository):
    control = control_of(repository)
    control.guard.insist = lambda _headers, _peer: CI
    assert asked(control, LOAD, name="fraud")[0] == 200
    status, answer = asked(control, LOAD, name="churn")
    assert (status, answer["error"]) == (403, "`key:ci` may not `operate` on model `churn`")
    assert repository.done == [("load", "fraud")]
    only = Principal("key:x", (Grant("read", "fraud"),))
    control.guard.insist = lambda _headers, _peer: only
    assert [asked(control, route)[0] for route in (INDEX, "GET /v2")] == [403, 403]
    assert asked(control, "GET /v2/models/{name}/ready", name="fraud")[0] == 200
    nobody = Principal("key:y", (Grant("infer"),))
    control.guard.insist = lambda _headers, _peer: nobody
    assert [asked(control, route)[0] for route in (INDEX, "GET /v2", "GET /v2/health/live")] == [403, 403, 200]

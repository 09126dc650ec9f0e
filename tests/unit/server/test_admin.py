"""The control plane without a framework: every route, every refusal, one change at a time."""

import json
import threading

import pytest

from trimtab.server.admin import ROUTES, Ask, Control

HERE = {"host": "127.0.0.1:9000"}


@pytest.fixture
def control(repository):
    control = Control(repository, lambda event, fields: control.logged.append((event, fields)), ["Models.example"])
    control.logged = []
    return control


def asked(control, route, body=b"", name="", **headers):
    answer = control.answer(route, Ask({**HERE, **headers}, body, name))
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

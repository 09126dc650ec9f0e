"""Answers that need no model call say what is, and a state that is no has the status for it."""

import json

import pytest

import trimtab
from trimtab.server import views
from trimtab.server.guard.principal import ANYBODY, NOBODY, Grant, Principal

RETRY = ((b"retry-after", b"1"),)


@pytest.fixture
def plane(endpoint, kit):
    return kit.plane(endpoint)


@pytest.fixture
def loading(kit):
    return kit.plane(kit.endpoint(ready=False))


def test_a_process_that_answers_lives_whatever_its_models_do(plane, loading, kit):
    for one in (plane, loading):
        for view in (views.live, views.oip_live):
            assert (view(one).status, kit.said(view(one))) == (200, {"live": True})


def test_ready_names_every_model_with_its_digest(plane, kit):
    answer = views.ready(plane, ANYBODY)
    assert (answer.status, answer.headers) == (200, ())
    churn = {"version": "ab" * 6, "digest": kit.digest, "ready": True}
    assert kit.said(answer) == {"ready": True, "models": {"churn": churn}}


def test_not_ready_says_why_and_when_to_come_back(loading, kit):
    answer = views.ready(loading, ANYBODY)
    assert (answer.status, answer.headers) == (503, RETRY)
    assert kit.said(answer)["ready"] is False
    assert kit.said(answer)["models"]["churn"]["reason"] == "still loading"


def test_a_stopping_server_is_not_ready_any_more(plane, endpoint, kit):
    plane.stopping = True
    answer = views.ready(plane, ANYBODY)
    assert (answer.status, kit.said(answer)["reason"]) == (503, "the server is stopping")
    assert (views.oip_ready(plane).status, kit.said(views.oip_ready(plane))) == (503, {"ready": False})
    assert views.model_ready(plane, endpoint, ANYBODY).status == 503


def test_who_may_not_read_learns_only_whether_it_is_ready(loading, kit):
    reader = Principal("key:r", (Grant("read", "churn"),))
    operator = Principal("key:o", (Grant("read"), Grant("operate", "churn")))
    assert kit.said(views.ready(loading, NOBODY)) == {"ready": False}
    assert "reason" not in kit.said(views.ready(loading, reader))["models"]["churn"]
    assert kit.said(views.ready(loading, operator))["models"]["churn"]["reason"] == "still loading"
    endpoint = loading.endpoints["churn"]
    assert kit.said(views.model_ready(loading, endpoint, reader)) == {"name": "churn", "ready": False}
    assert kit.said(views.model_ready(loading, endpoint, operator))["reason"] == "still loading"
    assert b"still loading" not in views.people(loading, reader).body
    assert b"still loading" in views.people(loading, ANYBODY).body


def test_the_protocols_readiness_is_the_same_state(plane, loading, kit):
    assert (views.oip_ready(plane).status, kit.said(views.oip_ready(plane))) == (200, {"ready": True})
    assert (views.oip_ready(loading).status, views.oip_ready(loading).headers) == (503, RETRY)


def test_one_model_can_be_ready_beside_one_that_is_not(kit):
    ready, loading = kit.endpoint(name="a"), kit.endpoint(name="b", ready=False)
    plane = kit.plane(ready, loading)
    assert kit.said(views.model_ready(plane, ready, ANYBODY)) == {"name": "a", "ready": True}
    answer = views.model_ready(plane, loading, ANYBODY)
    assert (answer.status, answer.headers) == (503, RETRY)
    assert kit.said(answer) == {"name": "b", "ready": False, "reason": "still loading"}


def test_the_server_names_itself_and_the_extension_it_speaks(plane, kit):
    expected = {"name": "trimtab", "version": trimtab.__version__, "extensions": ["binary_tensor_data"]}
    assert kit.said(views.server(plane)) == expected


def test_a_model_is_described_as_the_protocol_has_it(plane, endpoint, kit):
    assert kit.said(views.model(plane, endpoint, ANYBODY)) == {
        "name": "churn",
        "versions": ["ab" * 6],
        "platform": "trimtab-python",
        "properties": {"digest": endpoint.digest},
        "inputs": [
            {"name": "age", "datatype": "INT64", "shape": [-1]},
            {"name": "plan", "datatype": "BYTES", "shape": [-1]},
            {"name": "spend", "datatype": "FP64", "shape": [-1]},
            {"name": "city", "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [
            {"name": "score", "datatype": "FP64", "shape": [-1]},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
        ],
    }


def test_documents_come_in_their_own_types(plane):
    metrics, openapi, people = views.metrics(plane), views.openapi(plane), views.people(plane, ANYBODY)
    assert metrics.content_type.startswith(b"text/plain")
    assert b'trimtab_ready{model="churn"} 1.0' in metrics.body
    assert (openapi.content_type, json.loads(openapi.body)["openapi"]) == (b"application/json", "3.1.0")
    assert people.content_type == b"text/html; charset=utf-8"
    assert [name for name, _ in people.headers] == [b"content-security-policy"]
    assert {answer.status for answer in (metrics, openapi, people)} == {200}

"""From a request to its answer over a data plane in memory: what is routed, counted, answered later, never raised."""

import gzip
import json
from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.errors import UserError
from trimtab.server.app import ROUTES, App, open_app
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.dialects import Exchange
from trimtab.server.engines import Done, Failed
from trimtab.server.faults import GONE
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Refusal, Request

ROWS = {"rows": [{"age": 30, "plan": "plus", "spend": 1.5}], "id": "mine"}


class Engine:
    """Takes any number of tables; the test says when and how they end."""

    free = 1

    def __init__(self):
        self.ends = []

    def start(self, table, patience_s, ended, part=None):  # noqa: ARG002 - the names that `Engine` gives
        self.ends.append(ended)

    def answer(self, outcome=None):
        good = {"score": np.array([3.0]), "label": np.array(["3"], object)}
        self.ends.pop(0)(outcome or Done(good, 0.001))

    def close(self):
        """Nothing to let go of."""


class Story:
    """An app, what it has sent, logged and counted; its clock is the test's."""

    def __init__(self, kit, **settings):
        self.endpoint = kit.endpoint(columns=kit.row)
        self.plane = kit.plane(self.endpoint, settings=Settings(**settings))
        self.engine, self.logged, self.sent, self.now = Engine(), [], [], 0.0
        self.plane.log = lambda event, fields: self.logged.append((event, fields))
        limits = BatchLimits()
        self.endpoint.batcher = Batcher(
            self.engine, limits, self.endpoint.curve, lambda turn: turn(),
            lambda call, failed: self.plane.failed(self.endpoint, call, failed), frozenset(self.endpoint.outputs),
        )  # fmt: skip
        loop = SimpleNamespace(time=lambda: self.now, call_later=lambda *_: None)
        self.plane.open(loop)
        self.soon = []
        self.app = App(self.plane, lambda: self.now, self.soon.append)

    def turns(self):
        while self.soon:
            self.soon.pop(0)()

    def __call__(self, method, path, body=b"", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        request = Request(method.encode(), path.encode(), b"", given, raw, keep_alive=True)
        return self.app.answer(request, self.sent.append)

    @property
    def said(self):
        (answer,) = self.sent
        return answer.status, json.loads(answer.body)

    def counted(self):
        text = self.plane.metrics.text(self.plane.endpoints)[1].decode()
        lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("trimtab_"))
        requests = {name.partition("_total")[2]: float(n) for name, n in lines.items() if "requests_total" in name}
        seconds = sum(float(n) for name, n in lines.items() if name.startswith("trimtab_request_seconds_sum"))
        return requests, float(lines["trimtab_in_flight"]), seconds


@pytest.fixture
def story(kit):
    return Story(kit)


def test_rows_are_answered_when_the_model_has_answered(story):
    call = story("POST", "/v1/models/churn/rows", ROWS)
    assert (call.waits, story.sent, story.counted()[1]) == (True, [], 1)
    story.now = 0.25
    story.engine.answer()
    status, body = story.said
    assert (status, body["id"], body["rows"]) == (200, "mine", [{"score": 3.0, "label": "3"}])
    assert story.counted() == ({'{dialect="rows",model="churn",status="2xx"}': 1.0}, 0.0, 0.25)


def test_tensors_are_answered_in_their_own_dialect(story):
    inputs = [
        {"name": "age", "datatype": "INT64", "shape": [1], "data": [30]},
        {"name": "plan", "datatype": "BYTES", "shape": [1], "data": ["plus"]},
        {"name": "spend", "datatype": "FP64", "shape": [1], "data": [1.5]},
        {"name": "city", "datatype": "BYTES", "shape": [1], "data": [None]},
    ]
    for path in ("/v2/models/churn/infer", f"/v2/models/churn/versions/{story.endpoint.version}/infer"):
        story("POST", path, {"inputs": inputs})
        story.engine.answer()
        assert [output["name"] for output in story.said[1]["outputs"]] == ["score", "label"]
        story.sent.clear()
    assert story.counted()[0] == {'{dialect="oip",model="churn",status="2xx"}': 2.0}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", b"", 404, "P311"),
        ("GET", "/v2/models/chrun", b"", 404, "P312"),
        ("DELETE", "/v2", b"", 405, "P313"),
        ("GET", "/v1/models/churn/rows", b"", 405, "P313"),
        ("POST", "/v1/models/churn/rows", b"{", 400, "P310"),
        ("POST", "/v1/models/churn/rows", [{"age": 300, "plan": "plus", "spend": 1}], 422, "P301"),
    ],
)
def test_what_is_wrong_is_answered_at_once_and_counted(story, method, path, body, status, code):
    assert story(method, path, body) is None
    assert (story.said[0], story.said[1]["code"]) == (status, code)
    requests, in_flight, _ = story.counted()
    assert (sum(requests.values()), in_flight, story.engine.ends, story.logged) == (1, 0, [], [])


def test_a_model_that_loads_takes_nothing(story):
    story.endpoint.state = "loading"
    assert story("POST", "/v1/models/churn/rows", b"not even looked at") is None
    assert (story.said[0], story.said[1]["code"]) == (503, "P316")


def test_what_user_code_raises_stays_in_the_log(story):
    story("POST", "/v1/models/churn/rows", ROWS)
    story.engine.answer(Failed("raised", "ValueError: secret", "trace"))
    status, body = story.said
    assert (status, body["code"], body["id"]) == (500, "P318", "mine")
    assert "secret" not in json.dumps(body)
    assert story.logged[0][1]["error"] == "ValueError: secret"


@pytest.mark.parametrize("when", ["read", "start", "encode"])
@pytest.mark.parametrize("ours", [True, False])
def test_nothing_is_ever_raised_and_a_fault_of_ours_is_logged_whole(story, when, ours):
    error = KeyError("secret") if ours else UserError(*GONE.problems)

    def broken(*_):
        raise error

    def handler(_plane, _ask):
        if when == "read":
            broken()
        columns = {"age": [1], "plan": ["plus"], "spend": [1.0], "city": [None]}
        request = SimpleNamespace(model="churn", columns=columns, id="mine", version="", outputs=(), timeout_s=None)
        return Exchange(request if when == "encode" else None, broken)

    request = Request(b"POST", b"/x", b"", {}, b"", keep_alive=True)
    place = story.plane.metrics.place("churn", "rows")
    bound = SimpleNamespace(handler=handler, endpoint=story.endpoint, scope="infer", model="churn", dialect="rows")
    request.notes[story.app] = (bound, place)
    story.app.answer(request, story.sent.append)
    if when == "encode":
        story.engine.answer()
    status, body = story.said
    assert "secret" not in json.dumps(body)
    logged = ours or when == "start"  # a request that is none is a fault of ours too
    assert [event for event, _ in story.logged] == (["request failed"] if logged else [])
    assert (status == 500) is logged
    assert story.counted()[1] == 0


def test_one_who_left_is_not_computed_for_and_counted_once(story):
    call = story("POST", "/v1/models/churn/rows", ROWS)
    call.settle(GONE)
    story.engine.answer()
    requests, in_flight, _ = story.counted()
    assert (len(story.sent), sum(requests.values()), in_flight) == (1, 1, 0)


@pytest.mark.parametrize(("status", "code"), [(413, "P315"), (504, "P319"), (400, "P320"), (431, "P320")])
def test_bytes_that_are_no_request_have_their_code(story, status, code):
    answer = story.app.refuse(Refusal(status, "no"))
    assert (answer.status, json.loads(answer.body)["code"], json.loads(answer.body)["error"]) == (status, code, "no")
    assert story.counted()[0] == {f'{{dialect="other",model="",status="{status // 100}xx"}}': 1.0}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.pattern)
def test_every_view_answers_and_so_does_its_head(story, route):
    path = route.pattern.format(model="churn", version=story.endpoint.version)
    for method in ("GET", "HEAD"):
        assert story(method, path) is None
    assert [answer.status for answer in story.sent] == [200, 200]


def test_each_request_without_an_id_gets_its_own(story):
    for _ in range(2):
        story("POST", "/v1/models/churn/rows", ROWS["rows"])
        story.engine.answer()
    assert len({json.loads(answer.body)["id"] for answer in story.sent}) == 2


def test_an_app_is_opened_over_bundles_by_the_names_they_are_served_under(kit):
    bundle = kit.endpoint().bundle
    app = open_app({"other": bundle}, Settings())
    endpoint = app.plane.endpoints["other"]
    assert (endpoint.name, endpoint.bundle, endpoint.state) == ("other", bundle, "loading")
    sent: list[Answer] = []
    app.answer(Request(b"GET", b"/v2/models/other/ready", b"", {}, b"", keep_alive=True), sent.append)
    assert sent[0].status == 503


def long_and_coded():
    return gzip.compress(json.dumps({"rows": ROWS["rows"] * 20_000}).encode())


def test_others_are_answered_while_a_long_body_is_inflated(story):
    call = story("POST", "/v1/models/churn/rows", long_and_coded(), content_encoding=b"gzip")
    story.soon.pop(0)()
    assert (story.sent, story.engine.ends) == ([], [])
    story("POST", "/v1/models/churn/rows", ROWS)
    story.engine.answer()
    assert len(story.sent) == 1
    story.turns()
    assert len(story.engine.ends) == 1
    call.settle(GONE)
    assert story.counted()[1] == 0


def test_who_leaves_while_the_body_is_inflated_never_asks_the_model(story):
    call = story("POST", "/v1/models/churn/rows", long_and_coded(), content_encoding=b"gzip")
    call.settle(GONE)
    story.turns()
    assert not story.engine.ends
    assert story.counted()[:2] == ({'{dialect="rows",model="churn",status="4xx"}': 1.0}, 0.0)


@pytest.mark.parametrize(
    ("settings", "status", "code"), [({"body_limit": 2**19}, 413, "P315"), ({"answer_timeout_s": 0.5}, 504, "P319")]
)
def test_a_body_that_grows_too_long_or_takes_too_long_is_refused_on_the_way(kit, settings, status, code):
    story = Story(kit, **settings)
    story("POST", "/v1/models/churn/rows", long_and_coded(), content_encoding=b"gzip")
    story.now = 1.0 if "answer_timeout_s" in settings else 0.1
    story.turns()
    assert (story.said[0], story.said[1]["code"]) == (status, code)
    assert story.counted()[1] == 0

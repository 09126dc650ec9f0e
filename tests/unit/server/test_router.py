"""Every path is known at the start; what is no path gets the nearest one for a hint."""

import pytest

from trimtab.core.errors import UserError
from trimtab.server.faults import NotReadyError
from trimtab.server.guard.principal import ANYBODY, NOBODY, Grant, Principal
from trimtab.server.router import (
    Ask,
    Bound,
    Route,
    expand,
    inference,
    named_model,
    not_allowed,
    not_found,
    of_model,
    personal,
    whole,
)
from trimtab.server.wire import Answer, Request

GET = Request(b"GET", b"/", b"", {}, b"", keep_alive=True)


def handler(_plane, _ask):
    return Answer(200, b"")


def never(_http, _endpoint, _id):
    raise AssertionError("nothing may be decoded")


ROUTES = (
    Route("GET", "/livez", handler, None),
    Route("GET", "/v2/models/{model}", handler, "read"),
    Route("POST", "/v2/models/{model}/versions/{version}/infer", handler, "infer", "oip"),
    Route("POST", "/v2/models/{model}/infer", handler, "infer", "oip"),
    Route("GET", "/v2/models/{model}/infer", handler, "read"),
)


@pytest.fixture
def paths(endpoint):
    return expand(ROUTES, {"churn": endpoint})


def test_every_model_and_each_name_of_its_version_has_a_path(kit):
    one, two = kit.endpoint(name="one"), kit.endpoint(name="two")
    paths = expand(ROUTES[:3], {"one": one, "two": two})
    digits = kit.digest.removeprefix("sha256:")
    versions = (digits[:12], digits, kit.digest)
    inferring = {
        f"/v2/models/{name}/versions/{version}/infer".encode() for name in ("one", "two") for version in versions
    }
    assert set(paths) == {b"/livez", b"/v2/models/one", b"/v2/models/two"} | inferring
    assert paths[b"/v2/models/two"][b"GET"] == Bound(handler, "other", two, "read")
    assert (paths[b"/v2/models/two"][b"GET"].model, paths[b"/livez"][b"GET"].model) == ("two", "")


def test_head_is_there_where_get_is_and_nowhere_else(paths):
    assert [*paths[b"/livez"]] == [b"GET", b"HEAD"]
    assert paths[b"/livez"][b"HEAD"] is paths[b"/livez"][b"GET"]
    assert {*paths[b"/v2/models/churn/infer"]} == {b"POST", b"GET", b"HEAD"}
    assert all([*paths[path]] == [b"POST"] for path in paths if b"versions" in path)


def test_the_dialect_of_a_route_goes_with_its_method(paths):
    bound = paths[b"/v2/models/churn/infer"]
    assert (bound[b"POST"].dialect, bound[b"GET"].dialect) == ("oip", "other")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/livz", ("P311", "no route `/livz`", "did you mean `/livez`?")),
        (b"/completely/else", ("P311", "no route `/completely/else`", "`/docs` lists all")),
        (b"/v2/models/chrun/infer", ("P312", "no model `chrun`", "did you mean `churn`?")),
        (b"/v1/models/x/rows", ("P312", "no model `x`", "valid: `churn`")),
        (b"/v2/models/churn/versions/7/infer", ("P312", "model `churn` has no version `7`", f"it serves `{'ab' * 6}`")),
        (
            b"/v2/models/churn/infr",
            ("P311", "no route `/v2/models/churn/infr`", "did you mean `/v2/models/churn/infer`?"),
        ),
        (b"/v2/models/\xe9", ("P312", "no model `\xe9`", "valid: `churn`")),
        (b"/" + b"a" * 300, ("P311", f"no route `/{'a' * 199}`", "`/docs` lists all")),
    ],
)
def test_a_path_that_is_none_is_told_the_nearest(path, expected, paths, endpoint, kit):
    error = not_found(path, paths, kit.plane(endpoint), ANYBODY)
    assert isinstance(error, UserError)
    (problem,) = error.problems
    assert (problem.code, problem.what, problem.hint) == expected


def test_who_may_not_read_is_told_no_names(paths, endpoint, kit):
    caller = Principal("key:x", (Grant("infer", "churn"),))
    for path in (b"/v2/models/chrun/infer", b"/livz", b"/v2/models/churn/versions/7/infer"):
        (problem,) = not_found(path, paths, kit.plane(endpoint), caller).problems
        assert problem.hint in ("", "`/docs` lists all")


@pytest.mark.parametrize(
    ("path", "model"),
    [(b"/v2/models/a/infer", "a"), (b"/v1/models/b", "b"), (b"/v2/models/", ""), (b"/v2", ""), (b"/models/a", "")],
)
def test_the_model_that_a_path_asks_for(path, model):
    assert named_model(path) == model


def test_a_method_that_the_path_has_not_gets_those_it_has(kit):
    answer = not_allowed(b"PUT", b"/livez", [b"GET", b"HEAD"])
    assert (answer.status, answer.headers) == (405, ((b"allow", b"GET, HEAD"),))
    assert kit.said(answer) == {"error": "`/livez` has no PUT", "code": "P313", "hint": "allowed: GET, HEAD"}


def test_views_are_given_what_they_are_about(endpoint, kit):
    plane = kit.plane(endpoint)
    seen = []

    def of_whole(plane):
        seen.append(plane)
        return Answer(200, b"whole")

    def of_one(plane, endpoint, caller):
        seen.append((plane, endpoint, caller))
        return Answer(200, b"one")

    def of_caller(plane, caller):
        seen.append((plane, caller))
        return Answer(200, b"personal")

    assert whole(of_whole)(plane, Ask(GET, None, "id", NOBODY)) == Answer(200, b"whole")
    assert of_model(of_one)(plane, Ask(GET, endpoint, "id", ANYBODY)) == Answer(200, b"one")
    assert personal(of_caller)(plane, Ask(GET, None, "id", NOBODY)) == Answer(200, b"personal")
    assert seen == [plane, (plane, endpoint, ANYBODY), (plane, NOBODY)]


@pytest.mark.parametrize("made", [of_model(lambda *_: Answer(200, b"")), inference(never)])
def test_a_pattern_without_a_model_is_a_fault_of_ours(made, endpoint, kit):
    with pytest.raises(LookupError, match="in its pattern"):
        made(kit.plane(endpoint), Ask(GET, None, "id", ANYBODY))


def test_a_model_that_is_not_ready_is_refused_before_its_body_is_decoded(kit):
    endpoint = kit.endpoint(ready=False)
    with pytest.raises(NotReadyError, match="model `churn` is not ready") as caught:
        inference(never)(kit.plane(endpoint), Ask(GET, endpoint, "id", ANYBODY))
    assert caught.value.problems[0].code == "P316"

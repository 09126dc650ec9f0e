from __future__ import annotations

import json
from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.server.gateway.backends import Backend
from trimtab.server.routing.reading import read_routes, routes_of
from trimtab.server.routing.routes import Timeouts

SAID = {
    "version": 3, "name": "churn", "listen": "127.0.0.1:8080", "control": "127.0.0.1:8090", "champion": "r1",
    "backends": {"r1": "http://a:1", f"sha256:{'ab' * 32}": "https://b/churn/"},
}  # fmt: skip
FILE = Path("/routes/routes.json")


def faults(**changed):
    said = {key: value for key, value in (SAID | changed).items() if value is not None}
    with pytest.raises(UserError) as refused:
        routes_of(said, FILE)
    return [(one.code, one.where.removeprefix("routes.json ")) for one in refused.value.problems]


def test_what_need_not_be_said_has_its_default():
    routes = routes_of(SAID, FILE)
    assert (routes.version, routes.name, routes.listen, routes.control) == (
        3, "churn", ("127.0.0.1", 8080), ("127.0.0.1", 8090),
    )  # fmt: skip
    assert routes.backends["r1"] == Backend("http", "a", 1)
    assert (routes.state, routes.timeouts, routes.tls) == (Path("/routes/routes.json.state"), Timeouts(), None)
    settings = routes.settings
    assert (settings.champion, settings.name, settings.answer_s) == (Backend("http", "a", 1), "churn", 60.0)


def test_paths_start_from_the_folder_of_the_file():
    said = SAID | {"state": "s", "tls_cert": "c", "tls_key": "/k", "timeouts": {"answer": 5, "start": 0.5}}
    routes = routes_of(said, FILE)
    assert (routes.state, routes.tls) == (Path("/routes/s"), (Path("/routes/c"), Path("/k")))
    assert (routes.timeouts.answer, routes.timeouts.start) == (5.0, 0.5)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"version": 0}, ("P381", "version")),
        ({"version": True}, ("P381", "version")),
        ({"version": None}, ("P381", "version")),
        ({"name": "Churn!"}, ("P381", "name")),
        ({"champion": "r2"}, ("P381", "champion")),
        ({"listen": "8080"}, ("P370", "listen")),
        ({"control": "127.0.0.1:8080"}, ("P381", "control")),
        ({"backends": {"r1": "ftp://a"}}, ("P370", "backends.r1")),
        ({"backends": {"r1": 5}}, ("P381", "backends.r1")),
        ({"backends": {"r1": "http://a", "r2": "http://a:80/"}}, ("P381", "backends.r2")),
        ({"backends": {"r1": "http://a", "r\r\nx: y": "http://b"}}, ("P381", "backends.r\r\nx: y")),
        ({"backends": {}}, ("P381", "backends")),
        ({"backends": {f"r{number}": f"http://a:{number}" for number in range(1, 66)}}, ("P381", "backends")),
        ({"health": "readyz"}, ("P381", "health")),
        ({"hosts": [1]}, ("P381", "hosts")),
        ({"insecure": "yes"}, ("P381", "insecure")),
        ({"tls_cert": "c"}, ("P381", "tls_key")),
        ({"control": "10.0.0.1:9", "plain_control": True}, ("P381", "plain_control")),
        ({"timeouts": {"answer": 0}}, ("P381", "timeouts.answer")),
        ({"timeouts": {"answer": float("nan")}}, ("P381", "timeouts.answer")),
        ({"timeouts": {"ansver": 1}}, ("P381", "timeouts.ansver")),
        ({"chmapion": "r1"}, ("P381", "chmapion")),
    ],
)
def test_a_fault_names_its_key(changed, found):
    assert found in faults(**changed)


def test_all_faults_are_told_at_once():
    assert faults(version=-1, name="", health="x", backends={"r1": "a"}) == [
        ("P381", "version"), ("P381", "name"), ("P370", "backends.r1"), ("P381", "health"),
    ]  # fmt: skip


def test_a_file_says_the_same_in_json_and_toml_and_in_any_order(tmp_path):
    said = SAID | {"backends": {"r1": "http://a:1"}}
    (tmp_path / "routes.json").write_text(json.dumps(dict(reversed(said.items()))))
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if key != "backends"]
    (tmp_path / "routes.toml").write_text("\n".join([*lines, "[backends]", 'r1 = "http://a:1"']))
    one, two = (read_routes(tmp_path / name) for name in ("routes.json", "routes.toml"))
    assert (one.print, one.backends, one.version) == (two.print, two.backends, two.version)
    assert routes_of(said | {"version": 4}, FILE).print != one.print


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"version": 1, "version": 2}', "\udcff", "[" * 100_000, "x" * (1 << 20) + "y"],
    ids=["empty", "no table", "half", "twice", "no text", "deep", "large"],
)
def test_what_is_no_routes_file_is_refused(tmp_path, text):
    (tmp_path / "routes.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError) as refused:
        read_routes(tmp_path / "routes.json")
    assert [one.code for one in refused.value.problems] == ["P380"]


def test_no_file_and_a_folder_are_refused_too(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UserError, match="P380"):
            read_routes(path)

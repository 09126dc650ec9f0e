"""Values that want to end a header of the answer, or to come back in it: ids are checked, nothing else is."""

from __future__ import annotations

import json
import re

import pytest
from tests.system.attacks.target import INFER, ROWS, Target, answers, head

VALUES = {
    "a line": "a\r\nset-cookie: forged=1",
    "a second answer": "a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged",
    "a bare line feed": "a\nforged: 1",
    "a NUL": "a\0forged",
    "bytes beyond ASCII": "\u560a\u560dforged: 1",  # some take the low bytes, which are a line end
}
HEADERS = ["x-request-id", "content-type", "accept", "origin", "traceparent", "x-forwarded-host"]


@pytest.mark.parametrize("value", VALUES)
def test_response_splitting(target: Target, value: str) -> None:
    """One answer whose head is ours alone, for each header of the request, and for its target."""
    raw = VALUES[value].encode()
    body = b'[{"x":1.0}]'
    for name in HEADERS:
        length = f"content-length: {len(body)}"
        begin = head(f"POST {ROWS}", length, "connection: close").replace(b"\r\n\r\n", b"\r\n")
        whole(target.raw(begin + name.encode() + b": " + raw + b"\r\n\r\n" + body))
    for line in (b"GET /" + raw, b"GET /v2/models/" + raw, b"GET /?" + raw):
        whole(target.raw(line + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))


def test_no_host_of_a_callers_choice_comes_back(target: Target) -> None:
    """Nothing redirects: an address made of `host` would lead whoever follows it, or a cache, elsewhere."""
    for admin in (False, True):
        for path in ("/v2/", "/v2/models/m/", "/v2/health/live/", "/docs/", "//forged.example", "/v2//models/m"):
            for host in ("host: forged.example", "host: localhost\r\nx-forwarded-host: forged.example"):
                said = target.raw(f"GET {path} HTTP/1.1\r\n{host}\r\nconnection: close\r\n\r\n".encode(), admin=admin)
                assert answers(said)[0] in (200, 403, 404)
                assert b"forged" not in said.partition(b"\r\n\r\n")[0]


def whole(answer: bytes) -> None:
    """There is one, and nothing forged stands in its head."""
    before, _, body = answer.partition(b"\r\n\r\n")
    assert len(answers(answer)) == 1
    assert b"forged" not in before
    names = {line.partition(b":")[0] for line in before.split(b"\r\n")[1:]}
    known = {b"content-type", b"content-length", b"date", b"connection", b"x-content-type-options", b"allow"}
    assert names <= known | {b"content-security-policy", b"retry-after", b"vary", b"content-encoding", b"x-request-id"}
    ids = [line.partition(b": ")[2] for line in before.split(b"\r\n") if line.startswith(b"x-request-id")]
    assert all(re.fullmatch(rb"[0-9a-f]{12}-[0-9a-f]+", one) for one in ids)
    assert b"content-length: %d" % len(body) in before


@pytest.mark.parametrize("value", [*VALUES.values(), "é", "\x7f", "\x1b[2J", "i" * 129])
def test_an_id_that_is_none_is_not_echoed(target: Target, value: str) -> None:
    """The answer says so under an id of ours."""
    tensors = [{"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]}]
    for path, body in ((ROWS, {"rows": [{"x": 1.0}], "id": value}), (INFER, {"inputs": tensors, "id": value})):
        status, _, answer = target.send("POST", path, body)
        assert (status, json.loads(answer)["code"]) == (400, "P310")
        assert json.loads(answer)["id"] != value


def test_an_id_comes_back_as_text_of_a_type_that_runs_nowhere(target: Target) -> None:
    """Markup is an id like any other, and no browser takes the answer for a page."""
    status, headers, answer = target.send("POST", ROWS, {"rows": [{"x": 1.0}], "id": "<script>alert(1)</script>"})
    assert (status, json.loads(answer)["id"]) == (200, "<script>alert(1)</script>")
    assert (headers["content-type"], headers["x-content-type-options"]) == ("application/json", "nosniff")
    status, headers, _ = target.send("GET", "/<script>alert(1)</script>")
    assert (status, headers["content-type"], headers["x-content-type-options"]) == (404, "application/json", "nosniff")

"""Requests that want a series of their own in the metrics: whatever they bring, there are as many as before."""

from __future__ import annotations

import contextlib
import json
import string

from tests.system.attacks.target import INFER, ROWS, Target, answers, head, read_all

COUNT = 400  # of each of five kinds
BODY = b'[{"x":1.0}]'


def test_metric_cardinality(target: Target) -> None:
    """2,000 paths, methods, models, ids, types and addresses of callers."""
    warm_up(target)
    before = target.series()
    assert len(before) > 30
    for kind in (path, method, model, identified, typed):
        statuses = pipelined(target, [kind(number) for number in range(COUNT)])
        assert len(statuses) == COUNT, kind
    assert target.series() == before


def warm_up(target: Target) -> None:
    """Every status class that the attack will see has its series already."""
    tensors = [
        {"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]},
        {"name": "do", "datatype": "BYTES", "shape": [1], "data": [None]},
    ]
    assert target.send("POST", ROWS, BODY)[0] == 200
    assert target.send("POST", INFER, {"inputs": tensors})[0] == 200
    for route in (ROWS, INFER):
        assert target.send("POST", route, b"x")[0] == 400
    assert target.send("GET", "/nowhere")[0] == 404
    assert answers(target.raw(b"X / HTTP/1.1\r\n\r\n")) == [501]


def path(number: int) -> bytes:
    """A path that there is not."""
    return head(f"GET /{number}/x?{number}")


def method(number: int) -> bytes:
    """Known ones on every route; unknown ones end their connection, and are in `warm_up`."""
    known = ["GET", "PUT", "DELETE", "PATCH", "PROPFIND", "OPTIONS", "TRACE", "MKCOL", "LOCK", "REPORT", "SEARCH"]
    return head(f"{known[number % len(known)]} /v2/{string.ascii_letters[number % 52]}")


def model(number: int) -> bytes:
    """A model that there is not."""
    return head(f"POST /v2/models/m{number}/infer", f"content-length: {len(BODY)}") + BODY


def identified(number: int) -> bytes:
    """An id, an address and a trace of its own."""
    body = json.dumps({"rows": [{"x": 1.0}], "id": f"id-{number}"}).encode()
    trace = f"traceparent: 00-{number:032x}-{number:016x}-01"
    given = [f"x-forwarded-for: 10.0.{number // 250}.{number % 250}", trace, f"x-request-id: {number}"]
    return head(f"POST {ROWS}", f"user-agent: agent/{number}", f"content-length: {len(body)}", *given) + body


def typed(number: int) -> bytes:
    """A content type that there is not."""
    given = [f"content-type: application/x-{number}", f"content-encoding: x-{number}", f"content-length: {len(BODY)}"]
    return head(f"POST {ROWS}", *given) + BODY


def pipelined(target: Target, requests: list[bytes]) -> list[int]:
    """The statuses of these, on one connection."""
    with target.open() as connection, contextlib.suppress(ConnectionError):
        said = b""
        for start in range(0, len(requests), 20):
            connection.sendall(b"".join(requests[start : start + 20]))
            while len(answers(said)) < min(start + 20, len(requests)):
                said += connection.recv(65536)
        connection.sendall(head("GET /livez", "connection: close"))
        return answers(said + read_all(connection))[:-1]
    raise AssertionError("the connection broke")

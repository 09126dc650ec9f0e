"""What a model's fault says of paths and code: nothing of it is in an answer, all of it is in the log, under the id."""

from __future__ import annotations

import json

from tests.system.attacks.target import INFER, ROWS, Target, head

CANARY = "CANARY-51c0"
WORDS = [CANARY, "/srv/", "weights.bin", "Traceback", "RuntimeError", ".py", 'File "', "line "]


def tensors(word: str) -> dict[str, object]:
    """The request in the Open Inference Protocol."""
    texts = {"name": "do", "datatype": "BYTES", "shape": [1], "data": [word]}
    return {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]}, texts], "id": "mine-1"}


def test_error_leaks(target: Target) -> None:
    """Seven ways to see a fault: rows, tensors, binary, parts, a wrong answer, beside a good row, by the time."""
    binary = json.dumps(tensors("canary")).encode()
    sized = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(binary))}
    row = [{"x": 1.0, "do": "canary"}]
    answers = [
        target.send("POST", ROWS, {"rows": row, "id": "mine-0"}),
        target.send("POST", INFER, tensors("canary")),
        target.send("POST", INFER, binary, sized),
        target.send("POST", ROWS, {"rows": row, "id": "mine-2"}, {"accept": "text/event-stream"}),
        target.send("POST", ROWS, {"rows": [{"x": 1.0, "do": "short"}], "id": "mine-3"}),
        target.send("POST", ROWS, {"rows": [*row, {"x": 2.0}], "id": "mine-4"}),
        target.send(
            "POST", ROWS, {"rows": [{"x": 1.0, "do": "sleep 0.5"}], "id": "mine-5"}, {"x-request-timeout-ms": "50"}
        ),
    ]
    assert [status for status, _, _ in answers] == [500, 500, 500, 500, 500, 500, 504]
    for _, headers, body in answers:
        seen = body.decode() + str(headers)
        assert [word for word in WORDS if word in seen] == [], seen
        assert "mine-" in seen
    for path in ("/metrics", "/readyz", "/v2/models/m", "/openapi.json", "/"):
        assert CANARY not in target.send("GET", path)[2].decode()
    logged = {event["id"]: event for event in target.events() if event["event"] == "model failed"}
    for number in (0, 1, 2, 4):
        event = logged[f"mine-{number}"]
        assert CANARY in event["error"]
        assert "Traceback" in event["traceback"]


def test_error_leaks_of_what_is_no_request(target: Target) -> None:
    """Refusals name the rule that was broken, and neither the parser nor the machine."""
    for raw in (
        b"\x16\x03\x01\r\n\r\n",
        head("GET /x", "content-length: x"),
        head("PUT /livez"),
        b"GET / HTTP/9.9\r\n\r\n",
    ):
        for admin in (False, True):
            said = target.raw(raw.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), admin=admin).decode().lower()
            found = [
                word for word in ("httptools", "uvicorn", "starlette", "python", "traceback", ".py") if word in said
            ]
            assert found == []
            assert "server:" not in said

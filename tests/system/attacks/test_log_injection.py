"""Words that want to be lines of the log: through ids, addresses, headers, tensors, and what the model prints."""

from __future__ import annotations

import json

from tests.system.attacks.target import INFER, ROWS, Target, head

# what ends a line somewhere, moves a terminal, or is a whole event
WORDS = [
    "a\r\nb", "a\nb", "a\rb", "a\x0bb\x0cb", "a\x85b", "a\u2028b\u2029b", "\x1b[2J\x1b[31m", "\x1b]0;title\x07",
    "\x9b2J", "\0", "\x7f\x08\x08", '{"time": "2030", "event": "forged", "level": "error"}',
    '\n{"time": "2030", "event": "forged"}\n', '"}, {"event": "forged"', "\u202egnp.exe", "%0d%0aforged",
    "${jndi:ldap://x}",
]  # fmt: skip
AS_BYTES = [word.encode() for word in WORDS]


def forged(target: Target, begin: int) -> list[str]:
    """Lines since then that are no event of ours."""
    target.child.wait_until(lambda: target.child.err.endswith("\n"))
    lines = target.child.err_file.read_bytes()[begin:].decode("ascii").split("\n")[:-1]
    assert lines
    return [line for line in lines if not is_event(line)]


def is_event(line: str) -> bool:
    """Whether a line is one event, by itself and without a control character."""
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return line.isprintable() and list(event)[:2] == ["time", "event"] and event["event"] != "forged"


def test_log_injection(target: Target) -> None:
    """Through whatever a caller may write."""
    begin = target.child.err_file.stat().st_size
    for word, raw in zip(WORDS, AS_BYTES, strict=True):
        target.send("POST", ROWS, {"rows": [{"x": 1.0}], "id": word})
        target.send("POST", ROWS, [{word: 1.0, "do": word}])
        tensor = {"name": word, "datatype": word, "shape": [1], "data": [word]}
        target.send("POST", INFER, {"id": word, "inputs": [tensor], "outputs": [{"name": word}]})
        for name in ("user-agent", "x-request-id", "content-type", "traceparent", "host", "x-forwarded-for", "accept"):
            target.raw(head(f"GET {ROWS}", "connection: close").replace(b"\r\n\r\n", b"\r\n"), header(name, raw))
        for line in (b"GET /" + raw, b"GET /v2/models/" + raw + b"/ready", b"GET /?" + raw, raw + b" /"):
            target.raw(line + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            target.raw(line + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", admin=True)
        load = b"POST /v2/repository/models/" + raw.replace(b"%", b"") + b"/load"
        target.raw(load + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", admin=True)
    assert forged(target, begin) == []


def header(name: str, raw: bytes) -> bytes:
    """A header and the end of the head."""
    return name.encode() + b": " + raw + b"\r\n\r\n"


def test_log_injection_by_what_the_model_prints(target: Target) -> None:
    """Its words, from Python and from below it, stand within a field of an event that names it."""
    begin = target.child.err_file.stat().st_size
    for word in WORDS:
        assert target.ask({"do": f"say {word}"})[0] == 200
        assert target.ask({"do": f"shout {word}\n"})[0] == 200
    assert target.ask({"do": "say the last word"})[0] == 200
    target.child.wait_until(lambda: target.child.err.count("the last word") == 3)
    assert forged(target, begin) == []
    said = "\n".join(event["text"] for event in target.events() if event["event"] == "model said")
    assert [word for word in WORDS if said.count(word.strip("\n")) < 4] == []
    assert {event["model"] for event in target.events() if event["event"] == "model said"} == {"m"}


def test_log_injection_by_what_is_no_request(target: Target) -> None:
    """Bytes that no parser takes, callers that leave in the middle: frameworks do not write lines of their own."""
    begin = target.child.err_file.stat().st_size
    for raw in AS_BYTES:
        for admin in (False, True):
            target.raw(raw + b"\r\n\r\n", b"\x16\x03\x01\r\n\r\n", admin=admin)
        with target.open(admin=True) as leaving:
            leaving.sendall(head("POST /v2/repository/index", "content-length: 1000") + raw)
    assert target.send("GET", "/v2/health/live", admin=True)[0] == 200
    assert forged(target, begin) == []

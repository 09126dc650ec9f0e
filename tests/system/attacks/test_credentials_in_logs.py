"""Secrets on their way through: a credential that a caller sends, wherever it stands, is in no line of the log."""

from __future__ import annotations

from tests.system.attacks.target import INFER, ROWS, Target

MARK = "mark-9f2c41d0"
HEADERS = [
    "authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "ocp-apim-subscription-key",
    "x-auth-token",
    "x-amz-security-token", "x-csrf-token", "x-forwarded-authorization", "referer", "origin", "x-unknown", "from",
]  # fmt: skip


def test_credentials_in_logs(target: Target) -> None:
    """In headers of any name, in the address, in the body, where it is taken and where it is refused."""
    begin = target.child.err_file.stat().st_size
    for name in HEADERS:
        for value in (MARK, f"Bearer {MARK}", f"Basic {MARK}"):
            target.send("GET", "/v2/models/m", headers={name: value})
            target.send("POST", ROWS, b"x", {name: value})
            target.send("POST", "/v2/repository/models/nobody/load", b"{}", {name: value}, admin=True)
    for path in (f"/v2?key={MARK}", f"/nowhere?token={MARK}", f"/v2/models/m?access_token={MARK}"):
        target.send("GET", path)
        target.send("GET", path, admin=True)
    rows = [{"x": 1.0, "do": MARK}]
    for body in (rows, {"rows": rows, "key": MARK}, [{"x": MARK}], {"rows": [{"x": 1.0, MARK: 1}]}):
        target.send("POST", ROWS, body)
    tensor = {"name": "do", "datatype": "BYTES", "shape": [1], "data": [MARK]}
    target.send("POST", INFER, {"inputs": [tensor], "parameters": {"key": MARK}})
    target.send("POST", ROWS, [{"x": 1.0, "do": "canary"}], {"authorization": f"Bearer {MARK}"})
    said = target.child.err_file.read_text()[begin:]
    assert said.count('"event": "request"') > 50
    assert '"event": "model failed"' in said
    assert MARK not in said

"""`trimtab route`: what is refused before anything listens; routing itself is in tests/system/routing."""

from __future__ import annotations

import json

import pytest

SAID = {
    "version": 1, "name": "churn", "listen": "127.0.0.1:0", "control": "127.0.0.1:0", "champion": "r1",
    "backends": {"r1": "http://127.0.0.1:9"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"version": 0}, "P381"),
        ({"backends": {"r1": "r1"}}, "P370"),
        ({"control": "0.0.0.0:0"}, "P386"),
        ({"listen": "0.0.0.0:0"}, "P303"),
        ({"token": "env:NO_SUCH_VARIABLE"}, "P344"),
        ({"tls_cert": "none", "tls_key": "none"}, "P306"),
        ({"listen": "203.0.113.1:0", "insecure": True}, "P304"),  # an address of nobody
    ],
)
def test_what_is_wrong_is_exit_2_before_anything_listens(type_in, tmp_path, changed, code):
    (tmp_path / "routes.json").write_text(json.dumps(SAID | changed))
    said = type_in("route", str(tmp_path / "routes.json"))
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err
    assert not (tmp_path / "routes.json.state").exists()


def test_a_state_that_is_none_is_refused(type_in, tmp_path):
    (tmp_path / "routes.json").write_text(json.dumps(SAID))
    (tmp_path / "routes.json.state").write_text("{")
    said = type_in("route", str(tmp_path / "routes.json"))
    assert (said.status, "error[P376]" in said.err) == (2, True)

from __future__ import annotations

import json

import pytest

from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.refusals import broken_answer, upgrade_answer


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("refused", 502, "P372"),
        ("closed", 502, "P373"),
        ("malformed", 502, "P373"),
        ("late", 504, "P374"),
        ("full", 503, "P378"),
    ],
)
def test_each_ending_has_its_status_and_code(ending, status, code):
    answer = broken_answer("challenger", Broken(ending, "because"))
    said = json.loads(answer.body)
    assert (answer.status, said["code"]) == (status, code)
    assert "challenger" in said["error"]
    assert "because" in said["error"]
    assert (dict(answer.headers).get(b"retry-after") is not None) is (status == 503)


def test_an_upgrade_is_refused_by_name():
    answer = upgrade_answer("websocket")
    assert (answer.status, "`websocket`" in json.loads(answer.body)["error"]) == (501, True)

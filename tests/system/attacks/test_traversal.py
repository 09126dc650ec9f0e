"""Names that climb: whatever stands where a model's name or version stands is looked up, and never meets a path."""

from __future__ import annotations

import json

import pytest
from tests.conftest import Child
from tests.system.attacks.target import Target, answers, head, said

NAMES = [
    "..", "../..", "../../../../etc/passwd", "/etc/passwd", "//etc/passwd", "./m", "m/../m", "m/..", "....//m",
    "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "m%2f..%2fm",
    "%252e%252e%252f", "..%252f..%252fetc%252fpasswd", "%c0%ae%c0%ae%c0%af", "%ef%bc%8e%ef%bc%8e%ef%bc%8f",
    "%e2%80%ae", "..%5c..%5cetc", "..\\..\\etc", "C:\\windows", "%00", "m%00", "m%00.json", "m%0d%0ax", "~root",
    "$HOME", "file:%2f%2f%2fetc%2fpasswd", "%2e", "m%20", "%6d%2f%2e%2e",
]  # fmt: skip
DATA = [
    "GET /v2/models/NAME", "GET /v2/models/NAME/ready", "POST /v2/models/NAME/infer", "POST /v1/models/NAME/rows",
    "GET /v2/models/NAME/versions/abababababab", "GET /v2/models/m/versions/NAME",
    "GET /v2/models/m/versions/NAME/ready",
    "POST /v2/models/m/versions/NAME/infer",
]  # fmt: skip
CONTROL = [
    "POST /v2/repository/models/NAME/load", "POST /v2/repository/models/NAME/unload", "GET /v2/models/NAME/ready",
]  # fmt: skip


def test_there_are_thirty_two_of_them() -> None:
    """Each another one."""
    assert len(set(NAMES)) == 32


@pytest.mark.parametrize("route", DATA)
def test_traversal_in_names(target: Target, route: str) -> None:
    """404 and no word of any file."""
    assert [name for name in NAMES if not unknown(ask(target.port, route, name))] == []


@pytest.mark.parametrize("route", CONTROL)
def test_traversal_in_names_of_the_control_plane(target: Target, real: Child, route: str) -> None:
    """The same where names are looked up in a store, and changes nothing there."""
    ports = target.admin, json.loads(real.out)["admin_port"]
    family = real.family()
    for port in ports:
        assert [name for name in NAMES if not unknown(ask(port, route, name))] == []
    assert real.family() == family


def ask(port: int, route: str, name: str) -> bytes:
    """The answer to the route with this name, sent as it is."""
    line = route.replace("NAME", name)
    return said(port, head(line, "content-type: application/json", "content-length: 2", "connection: close") + b"[]")


def unknown(answer: bytes) -> bool:
    """Whether it says that there is no such thing, or that this is no request, and no more."""
    return answers(answer) in ([404], [400]) and b"root:" not in answer and len(answer) < 2000

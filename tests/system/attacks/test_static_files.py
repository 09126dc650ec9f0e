"""Ranges and files of the page: it is one page made in memory, with nothing to slice and nothing to climb from."""

from __future__ import annotations

import pytest
from tests.system.attacks.target import Target, answers, head

PLACES = [
    "/static/", "/static/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/docs/../../../etc/passwd",
    "//etc/passwd",
    "/docs/%2e%2e/%2e%2e/etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2f", "/./docs", "/docs/", "/docs/.",
    "/docs%00", "/docs;/", "/docs/..;/", "/docs\\..\\", "/.git/config", "/.env", "/favicon.ico", "/robots.txt",
    "/~root",
    "/proc/self/environ", "/etc/passwd", "/index.html", "/openapi.json/..", "/openapi.json%20", "/trimtab.toml",
    "/bundle.json", "/file=/etc/passwd", "/file?path=/etc/passwd", "/docs/%252e%252e/etc/passwd",
]  # fmt: skip


def test_static_file_abuse(target: Target) -> None:
    """Thirty paths that a server of files might follow: 404."""
    assert len(set(PLACES)) == 30
    for place in PLACES:
        said = target.raw(head(f"GET {place}", "connection: close"))
        assert answers(said) == [404], place
        assert b"root:" not in said


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/metrics"])
def test_range_header_bomb(target: Target, path: str) -> None:
    """Ten thousand bytes of ranges get the whole page once, or less."""
    ranges = ",".join(f"{number}-{number}" for number in range(1300))
    assert len(ranges) > 10_000
    for value in (f"bytes={ranges}", "bytes=0-", "bytes=-9999999999", "bytes=" + "-," * 5000, "lines=1-2"):
        status, headers, body = target.send("GET", path, headers={"range": value, "if-range": '"x"'})
        assert status == 200
        assert headers["accept-ranges"] is None
        assert len(body) == int(headers["content-length"]) < 2**17

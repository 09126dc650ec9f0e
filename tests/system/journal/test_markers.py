"""Markers in every column, header and body that a caller can send: only what the policies keep is found anywhere."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from tests.system.journal.conftest import interactions_in

HEADERS = (
    "authorization",
    "cookie",
    "x-api-key",
    "user-agent",
    "referer",
    "x-forwarded-for",
    "forwarded",
    "x-whatever",
)


def found_in(folder: Path, markers: dict[str, str], *texts: bytes) -> set[str]:
    """Names of the markers that stand in any file below the folder, or in one of the texts; in no encoding of ours."""
    whole = b"\0".join([*texts, *(path.read_bytes() for path in folder.rglob("*") if path.is_file())])
    return {name for name, marker in markers.items() if marker.encode() in whole}


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
@pytest.mark.parametrize("access_log", [False, True])
def test_only_what_is_kept_is_found(root: Path, tmp_path: Path, mode: str, *, access_log: bool) -> None:
    columns = ("city", "plan")
    markers = {
        name: f"mark{secrets.token_hex(8)}" for name in (*columns, *HEADERS, "id", "query", "unknown", "comment")
    }
    for policy, kept in (("drop", set()), ("hash", set()), ("tokenise", set()), ("keep", {"city"})):
        journal = {"folder": str(tmp_path / policy), "mode": mode, "columns": {"city": policy}, "subject": "city"}
        settings = json.dumps({"journal": journal, "access_log": access_log, "processes": 1, "workers": 0})
        server = subprocess.Popen(
            [sys.executable, str(root / "tests/doubles/serve.py"), settings],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            row = {"age": 30, "plan": "plus", "spend": 1.5, "city": markers["city"]}
            heads = {name: markers[name] for name in HEADERS if name != "user-agent"}
            send(address, [row], heads | {"x-request-id": markers["id"]}, markers["query"])
            send(address, [row | {"age": 13}], heads, markers["query"])  # the model raises
            send(address, [row | {"plan": markers["plan"]}], heads, "")  # no such category
            send(address, [row | {markers["unknown"]: 1}], heads, "")
            send(address, [row | {"age": 14}], heads | {"x-request-timeout-ms": "50"}, "")
        finally:
            server.terminate()
            _, said = server.communicate(timeout=30)
        statuses = [one.status for one in interactions_in(tmp_path / policy)]
        assert statuses == [200, 500, 422, 422, 504]
        logged = {"x-request-id"} if access_log else set()
        found = found_in(tmp_path / policy, markers, said.encode())
        assert found - logged == kept | {"id"}, (policy, mode)  # the id is what its caller called the request


def send(address: str, rows: list, headers: dict[str, str], query: str) -> None:
    request = urllib.request.Request(  # noqa: S310 - the address is that of the server above
        f"{address}/v1/models/churn/rows?{query}",
        json.dumps(rows).encode(),
        headers | {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - as above
            response.read()
    except urllib.error.HTTPError as error:
        error.read()

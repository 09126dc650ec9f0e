"""The server that is attacked, as its attackers and its operator see it."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Child

__all__ = ["INFER", "ROWS", "Target", "a_free_port", "answers", "head", "read_all", "said"]

ROWS, INFER = "/v1/models/m/rows", "/v2/models/m/infer"
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def head(line: str, *headers: str) -> bytes:
    """The bytes of a head with a host that is taken."""
    return "\r\n".join([f"{line} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


def answers(said: bytes) -> list[int]:
    """The statuses of all answers in these bytes."""
    return [int(status) for status in _STATUS.findall(said)]


def a_free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Target:
    """A running server over `tests/doubles/attacked.py`, which has a control plane if it has an admin port."""

    def __init__(self, child: Child, admin: int = 0) -> None:
        self.child, self.admin = child, admin
        child.wait_until(lambda: "\n" in child.out)
        place = urlsplit(child.out.splitlines()[0])
        self.host, self.port = str(place.hostname), int(place.port or 0)
        child.wait_until(lambda: self.ask({"x": 1.0})[0] == 200)
        if admin:
            child.wait_until(lambda: self.send("GET", "/v2/health/live", admin=True)[0] == 200)

    @property
    def pids(self) -> list[int]:
        """Every process of it."""
        return self.child.family()

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, admin: bool = False
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of one request on a connection of its own; what it sends is not checked."""
        connection = http.client.HTTPConnection(self.host, self.admin if admin else self.port, timeout=20)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_accept_encoding=True)
            given = {"content-type": "application/json"} | (headers or {})
            data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            if data is not None:
                given["content-length"] = str(len(data))
            for name, value in given.items():
                connection.putheader(name, value)
            connection.endheaders(data)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def ask(self, *rows: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and body of a request with these rows."""
        status, _, body = self.send("POST", ROWS, [{"x": 1.0} | row for row in rows], headers)
        return status, json.loads(body)

    def open(self, *, admin: bool = False, seconds: float = 20) -> socket.socket:
        """A bare connection."""
        return socket.create_connection((self.host, self.admin if admin else self.port), timeout=seconds)

    def raw(self, *pieces: bytes, admin: bool = False, seconds: float = 20) -> bytes:
        """All that comes back until the server closes; what it no longer reads is not its fault."""
        return said(self.admin if admin else self.port, *pieces, seconds=seconds)

    def events(self) -> list[dict[str, Any]]:
        """The log so far; every line has to be an object."""
        found = [json.loads(line) for line in self.child.err.split("\n")[:-1]]
        assert all(isinstance(event, dict) and event["event"] for event in found)
        return found

    def memory(self) -> int:
        """Bytes of all its processes at the highest, since `forget_memory`."""
        return sum(_highest(pid) for pid in self.pids)

    def forget_memory(self) -> None:
        """Count the highest anew from here."""
        for pid in self.pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def series(self) -> set[str]:
        """Names and labels of all that `/metrics` has."""
        lines = self.send("GET", "/metrics")[2].decode().splitlines()
        return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}

    def lives(self) -> bool:
        """Whether it answers rightly, soon."""
        began = time.monotonic()
        status, body = self.ask({"x": 21.0})
        return (status, body["rows"]) == (200, [{"y": 42.0}]) and time.monotonic() - began < 5


def said(port: int, *pieces: bytes, seconds: float = 20) -> bytes:
    """All that comes back from the port until the other side closes; what it no longer reads is not its fault."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    said = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            said += piece
    return bytes(said)


def _highest(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

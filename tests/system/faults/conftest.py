"""A real server whose model does what its rows say, and callers that count what became of each request."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest


class Server:
    """The server's process and its address."""

    def __init__(self, child: Any) -> None:
        self.child = child
        child.wait_until(lambda: "\n" in child.out)
        place = urlsplit(child.out.splitlines()[0])
        self.host, self.port = str(place.hostname), int(place.port or 0)

    def connection(self, timeout: float = 30) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, *rows: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and body of one request on a connection of its own."""
        with contextlib.closing(self.connection()) as connection:
            return send(connection, rows, headers)

    def get(self, path: str) -> tuple[int, str]:
        with contextlib.closing(self.connection()) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def events(self) -> list[dict[str, Any]]:
        """What the log says so far."""
        return [json.loads(line) for line in self.child.err.splitlines() if line.startswith("{")]

    def family(self, pid: int | None = None) -> list[int]:
        """Process ids of the server, or of that process of it, and everything below."""
        return self.child.family(pid)

    def serving(self) -> list[int]:
        """Process ids of the serving processes."""
        return self.child.below()


def send(connection: http.client.HTTPConnection, rows: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and body of one request."""
    body = json.dumps([{"x": 1.0} | row for row in rows])
    connection.request("POST", "/v1/models/m/rows", body, {"content-type": "application/json"} | (headers or {}))
    response = connection.getresponse()
    return response.status, json.loads(response.read())


class Traffic:
    """Normal callers in threads, each on a connection that it keeps; counts right answers and everything else."""

    def __init__(self, server: Server, callers: int = 4, pause: float = 0.002) -> None:
        self.right = 0
        self.wrong: list[Any] = []
        self.slowest = 0.0
        self.versions: set[str] = set()
        self._server = server
        self._pause = pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call, args=(at,)) for at in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Until so many more right answers were counted."""
        goal, end = self.right + more, time.monotonic() + seconds
        while self.right < goal:
            assert time.monotonic() < end, (self.right, self.wrong[:3])
            time.sleep(0.01)

    def _call(self, number: int) -> None:
        connection = self._server.connection()
        count = 0
        while not self._stop.is_set():
            count += 1
            x = number * 1_000_000.0 + count
            began = time.perf_counter()
            try:
                status, body = send(connection, [{"x": x}])
                good = status == 200 and body["rows"] == [{"y": 2 * x}]
                what: Any = (status, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                good, what = False, error
                connection.close()
            with self._lock:
                self.slowest = max(self.slowest, time.perf_counter() - began)
                if good:
                    self.right += 1
                    self.versions.add(body["version"])
                else:
                    self.wrong.append(what)
            self._stop.wait(self._pause)
        connection.close()


@pytest.fixture
def serve(start: Callable[..., Any], root: Path) -> Iterator[Callable[..., Server]]:
    """Starts `tests/doubles/faulty.py` with these settings; checks at the end that nothing of it is left."""
    servers: list[Server] = []

    def begin(env: dict[str, str] | None = None, **settings: Any) -> Server:
        child = start("python", str(root / "tests/doubles/faulty.py"), json.dumps(settings), env=env)
        servers.append(Server(child))
        return servers[-1]

    yield begin
    for server in servers:
        family = server.family()
        server.child.stop()
        left = [pid for pid in family if Path(f"/proc/{pid}").exists() and not gone(pid)]
        assert left == [], "processes of the server are left"


def gone(pid: int, seconds: float = 3) -> bool:
    """Whether the process ends within the time; a zombie has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def open_connection(server: Server) -> socket.socket:
    """A bare connection."""
    return socket.create_connection((server.host, server.port), timeout=30)


@pytest.fixture(scope="session", name="Traffic")
def traffic_class() -> type[Traffic]:
    """For tests, which cannot import from here."""
    return Traffic


@pytest.fixture(scope="session", name="send")
def send_function() -> Callable[..., tuple[int, Any]]:
    """See `send`."""
    return send


@pytest.fixture(scope="session", name="gone")
def gone_function() -> Callable[..., bool]:
    """See `gone`."""
    return gone


@pytest.fixture(scope="session", name="open_connection")
def open_connection_function() -> Callable[[Server], socket.socket]:
    """See `open_connection`."""
    return open_connection

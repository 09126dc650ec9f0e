"""A real server of two processes, its control plane, and challengers that do what a file says."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
import pytest
from tests.doubles.asking import PROJECT

from trimtab.core.flights import FlightStatus

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6


class Flown:
    """A server of `m`, and its control plane."""

    def __init__(self, child: Any, port: int, shelf: Path) -> None:
        self.child, self.port, self.shelf = child, port, shelf
        child.wait_until(lambda: "\n" in child.out)
        self.place = urlsplit(child.out.splitlines()[0]).netloc

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.place, timeout=60)

    def ask(self, x: float = 5.0, path: str = "/v1/models/m/rows", **headers: str) -> tuple[int, str, Any]:
        """Status, revision and body of one request on a connection of its own."""
        with contextlib.closing(self.connection()) as connection:
            return send(connection, {"x": x}, path, **headers)

    def control(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and body of a request to the control plane."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, f"/v1/flights{path}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def serving(self) -> list[int]:
        """Process ids of the serving processes: those that have workers."""
        return [pid for pid in self.child.below() if self.child.family(pid)[1:]]

    def begin(self, what: str, flight: str = "f1") -> int:
        """A challenger of version `aa` that does this; the status of the answer."""
        (self.shelf / "new").write_text(f"aa {what}".strip())
        return self.control("POST", "/m", {"flight": flight, "challenger": "m:new"})[0]

    def steer(self, share: float, flight: str = "f1", lease_s: float = 60.0, **more: Any) -> tuple[int, Any]:
        return self.control("PUT", "/m/traffic", {"flight": flight, "share": share, "lease_s": lease_s, **more})

    def promote(self, flight: str = "f1") -> tuple[int, Any]:
        return self.control("POST", "/m/promote", {"flight": flight})

    def end(self, flight: str = "f1") -> tuple[int, Any]:
        return self.control("DELETE", f"/m?flight={flight}")

    def status(self) -> FlightStatus | None:
        status, body = self.control("GET", "/m")
        return msgspec.convert(body, FlightStatus) if status == 200 else None

    def until(self, holds: Callable[[FlightStatus], bool], seconds: float = 40) -> FlightStatus:
        """The status when this holds of it."""
        end = time.monotonic() + seconds
        while True:
            found = self.status()
            assert found is not None, self.child.err[-3000:]
            if holds(found):
                return found
            assert time.monotonic() < end, (found.state, found.why, self.child.err[-3000:])
            time.sleep(0.02)

    def fly(self, what: str = "", share: float = 0.0, **more: Any) -> None:
        """A flight that is on, with so much traffic."""
        assert self.begin(what) == 202
        ready = self.until(lambda status: status.state != "loading")
        assert (ready.state, ready.why) == ("ready", "")
        if share or more:
            assert self.steer(share, **more)[0] == 200

    def settled(self, seconds: float = 40) -> None:
        """Until the processes have no flight any more."""
        end = time.monotonic() + seconds
        while self.ask()[1]:
            assert time.monotonic() < end
            time.sleep(0.05)


def send(
    connection: http.client.HTTPConnection, row: Any, path: str = "/v1/models/m/rows", **headers: str
) -> tuple[int, str, Any]:
    """Status, revision and body."""
    said = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, json.dumps([row]), said)
    response = connection.getresponse()
    body = json.loads(response.read())
    return response.status, response.getheader("x-trimtab-revision") or "", body


class Callers:
    """Callers in threads, each on connections that it keeps; counts answers by status and version."""

    def __init__(self, flown: Flown, callers: int = 4) -> None:
        self.answers: Counter[tuple[int, str]] = Counter()
        self.failed: list[Any] = []
        self._flown = flown
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call) for _ in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, more: int, version: str = "", seconds: float = 60) -> None:
        """Until so many more answers came, of that version."""
        goal, end = self.count(version) + more, time.monotonic() + seconds
        while self.count(version) < goal:
            assert time.monotonic() < end, (self.answers, self.failed[:3])
            time.sleep(0.01)

    def count(self, version: str = "") -> int:
        with self._lock:
            return sum(count for (_, of), count in self.answers.items() if version in of)

    def _call(self) -> None:
        connection = self._flown.connection()
        while not self._stop.is_set():
            try:
                status, _, body = send(connection, {"x": 5.0})
                found = (status, body.get("version", ""))
                wrong = None if status == 200 and body["rows"] == [{"y": 10.0}] else (status, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                found, wrong = (0, ""), error
                connection.close()
            with self._lock:
                self.answers[found] += 1
                if wrong:
                    self.failed.append(wrong)
            self._stop.wait(0.002)
        connection.close()


@pytest.fixture
def flown(start: Callable[..., Any], root: Path, tmp_path: Path) -> Iterator[Callable[..., Flown]]:
    """Starts `tests/doubles/faulty.py` with these settings: version `00` of `m`."""
    servers: list[Flown] = []
    (tmp_path / "version").write_text("00")
    (tmp_path / "shelf").mkdir()

    def begin(env: dict[str, str] | None = None, **settings: Any) -> Flown:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        env = {"VERSION": str(tmp_path / "version"), "SHELF": str(tmp_path / "shelf"), **(env or {})}
        said = {"processes": 2, "workers": 1, "admin_port": port, **settings}
        child = start("python", str(root / "tests/doubles/faulty.py"), json.dumps(said), env=env)
        servers.append(Flown(child, port, tmp_path / "shelf"))
        return servers[-1]

    yield begin
    for server in servers:
        server.child.stop()


@pytest.fixture
def fly(start: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Runs `trimtab fly` for what the shelf has as `new`; the process."""

    def begin(flown: Flown, *words: str, project: str = PROJECT) -> Any:
        (tmp_path / "trimtab.toml").write_text(project)
        control = f"http://127.0.0.1:{flown.port}"
        return start("trimtab", "fly", "m:new", "--control", control, *words, cwd=tmp_path)

    return begin


@pytest.fixture(scope="session", name="Callers")
def callers_class() -> type[Callers]:
    """For tests, which cannot import from here."""
    return Callers

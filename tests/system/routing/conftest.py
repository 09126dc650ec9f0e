"""Three servers of tiny bundles, and routers in front of them: whole processes, and callers that never stop."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import pytest
from tests.conftest import Child

NAME = "small"
TOKEN = "a-token-of-this-test"  # noqa: S105 - of this test
MODELS = {
    "old": "def predict(data):\n    return data['x'] * 2\n",
    "good": "def predict(data):\n    return data['x'] * 2 + 0\n",
    "bad": "def predict(data):\n    assert (data['x'] < 4).all()\n    return data['x'] * 2\n",
}


def begun(folder: Path, *words: str) -> Child:
    """`trimtab ...` in that folder."""
    own = folder / f"{words[0]}-{len(list(folder.iterdir()))}"
    own.mkdir()
    environ = {**os.environ, "ROUTER_TOKEN": TOKEN}
    return Child([sys.executable, "-m", "trimtab", *words], own, folder, environ)


@pytest.fixture(scope="module")
def revisions(workshops: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str]]]:
    """Digest and URL of servers of `small`: `old`, `good` that answers the same, `bad` that fails at 4 and above."""
    folder = tmp_path_factory.mktemp("small")
    workshop = workshops(folder)
    children: dict[str, tuple[str, Child]] = {}
    try:
        for name, model in MODELS.items():
            workshop.write(model=model)
            digest = workshop.package(lock="off").digest
            words = ["--store", str(workshop.store.root), "--port", "0", "--processes", "1", "--workers", "1", "--json"]
            children[name] = digest, begun(folder, "serve", digest, *words)
        for _, child in children.values():
            child.wait_until(lambda child=child: "\n" in child.out, 90)
        yield {name: (digest, json.loads(child.out)["address"]) for name, (digest, child) in children.items()}
    finally:
        for _, child in children.values():
            child.stop()


class Routed:
    """A router, its file and its control plane."""

    def __init__(self, folder: Path, revisions: dict[str, tuple[str, str]], ports: tuple[int, int]) -> None:
        self.folder, self.file, self.revisions = folder, folder / "routes.json", revisions
        self.ports, self.version = ports, 0
        self.child: Child | None = None

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    def write(self, champion: str, *names: str) -> None:
        """The next version of the file."""
        self.version += 1
        said = {
            "version": self.version, "name": NAME, "listen": f"127.0.0.1:{self.ports[0]}",
            "control": f"127.0.0.1:{self.ports[1]}", "champion": self.revisions[champion][0],
            "backends": dict(self.revisions[name] for name in names), "token": "env:ROUTER_TOKEN",
        }  # fmt: skip
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(said))
        draft.replace(self.file)

    def start(self) -> Child:
        """Until it answers with a champion that is well."""
        self.child = child = begun(self.folder, "route", str(self.file), "--json")
        child.wait_until(lambda: "\n" in child.out)
        child.wait_until(lambda: self.ask("GET", "/readyz")[0] == 200)
        return child

    def kill(self) -> None:
        assert self.child is not None
        self.child.process.kill()
        self.child.process.wait()

    def ask(self, method: str, path: str, body: Any = None, at: int = 0) -> tuple[int, http.client.HTTPMessage, Any]:
        """Status, headers and JSON. at: 0 as callers, 1 the control plane."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.ports[at], timeout=30)) as connection:
            headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {TOKEN}"} if at else {})
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.headers, json.loads(response.read())

    def state(self) -> Any:
        return self.ask("GET", "/v1/routes", at=1)[2]

    def answers(self) -> str:
        """The revision that answers."""
        status, headers, _ = self.ask("POST", f"/v1/models/{NAME}/rows", [{"x": 2.0}])
        assert status == 200
        digits = headers["x-trimtab-revision"]
        return next(name for name, (digest, _) in self.revisions.items() if digits in digest)


class Callers:
    """Ask for 5 again and again, each over a connection that it keeps as long as it may."""

    def __init__(self, routed: Routed, callers: int = 3) -> None:
        self.statuses: Counter[int] = Counter()
        self.revisions: Counter[str] = Counter()
        self.stop, self._lock, self._port = threading.Event(), threading.Lock(), routed.ports[0]
        self._threads = [threading.Thread(target=self._call) for _ in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        goal, end = self.statuses.total() + more, time.monotonic() + 60
        while self.statuses.total() < goal:
            assert time.monotonic() < end
            time.sleep(0.01)

    def _call(self) -> None:
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                while not self.stop.wait(0.004):
                    self._once(connection)
            except ConnectionRefusedError:
                self.stop.wait(0.05)  # nobody listens, yet or any more
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.statuses[0] += 1
            finally:
                connection.close()

    def _once(self, connection: http.client.HTTPConnection) -> None:
        connection.request("POST", f"/v1/models/{NAME}/rows", '[{"x": 5.0}]', {"content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        with self._lock:
            self.statuses[response.status] += 1
            self.revisions[response.headers["x-trimtab-revision"] or ""] += 1
        if response.headers["connection"] == "close":
            connection.close()


@pytest.fixture
def routed(revisions: dict[str, tuple[str, str]], tmp_path: Path) -> Iterator[Callable[..., Routed]]:
    """`routed("old", "good")`: a router before these; the first is the champion."""
    started: list[Routed] = []

    def begin(*names: str) -> Routed:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            ports = one.getsockname()[1], two.getsockname()[1]
        made = Routed(tmp_path, revisions, ports)
        made.write(names[0], *names)
        started.append(made)
        made.start()
        return made

    yield begin
    for one in started:
        if one.child is not None:
            one.child.stop()

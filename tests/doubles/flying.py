"""The control plane's routes for flights over real HTTP, before a server in memory that lives in real time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from tests.doubles.airborne import Clock, Flown, Server

from trimtab.core.errors import TrimtabError
from trimtab.core.traffic import Traffic

_STATUS = {"P361": 409, "P362": 404, "P364": 409, "P365": 409, "P428": 503}


class RealTime(Clock):
    """The system's clock: the world goes on whenever somebody looks."""

    def __call__(self) -> float:
        elapsed, self.now = time.time() - self.now, time.time()
        self.world(min(elapsed, 1.0))
        return self.now


@dataclass
class Plane:
    """Where it listens, what is behind it, and what it was asked, with the header `authorization` of each."""

    url: str
    server: Server
    asked: list[tuple[str, str]] = field(default_factory=list)
    broken: bytes = b""  # sent in place of every answer

    def handle(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON."""
        parts = urlsplit(path)
        if parts.path == "/v2/repository/index":
            return 200, [{"name": "churn", "state": "READY", "version": self.server.store.removeprefix("sha256:")[:12]}]
        self.server.clock()
        flight = body.get("flight") or parse_qs(parts.query).get("flight", [self.server.flight])[0]
        flown = Flown(self.server, flight)
        try:
            match method, parts.path.removeprefix("/v1/flights/churn"):
                case "POST", "":
                    new = self.server.flight != flight
                    flown.start(body["challenger"])
                    return (202 if new else 200), {}
                case "GET", "":
                    status = flown.status() if flight else None
                    if status is None:
                        return 404, {"error": "no flight is on at `churn`", "code": "P362"}
                    return 200, msgspec.to_builtins(status)
                case "PUT", "/traffic":
                    lease_s = body.pop("lease_s")
                    flown.steer(msgspec.convert(body, Traffic), lease_s)
                case "POST", "/promote":
                    flown.promote()
                case "DELETE", "":
                    flown.end()
                case _:
                    return 404, {"error": "no such route", "code": "P300"}
        except TrimtabError as error:
            problem = error.problems[0]
            return _STATUS.get(problem.code, 500), {"error": problem.what, "code": problem.code, "hint": problem.hint}
        return 200, {}


@contextmanager
def flying(**server: Any) -> Iterator[Plane]:
    """Listens on a free port of the loopback address while the block runs."""
    plane = Plane("", Server(RealTime(time.time()), **server))
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            with turn:
                plane.asked.append((f"{self.command} {self.path}", self.headers.get("authorization", "")))
                status, said = plane.handle(self.command, self.path, json.loads(text) if text else {})
            data = plane.broken or json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Nothing: stderr is what the tests look at."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        plane.url = f"http://127.0.0.1:{listener.server_port}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield plane
        finally:
            listener.shutdown()
            thread.join()

"""A running server of `mischief/model.py`, and callers that ask it again and again and compare every answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import naughty
from processes import Server

CALLERS = 4
PATIENCE_S = 60


@dataclass
class Up:
    """A running server."""

    port: int
    server: Server

    def ask(self, x: float, do: float = 0.0, patience_ms: int = 0) -> bool:
        """Whether the answer of one request, on a connection of its own, is right."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return send(connection, x, do, patience_ms)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()

    def events(self, name: str) -> int:
        """How often the log tells of it."""
        self.server.output.seek(0)
        return self.server.output.read().count(f'"event": "{name}"'.encode())

    def serving(self) -> list[int]:
        """The serving processes."""
        pid = self.server.child.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def send(connection: http.client.HTTPConnection, x: float, do: float = 0.0, patience_ms: int = 0) -> bool:
    """Whether the answer is 200 and right."""
    headers = {"content-type": "application/json"}
    if patience_ms:
        headers["x-request-timeout-ms"] = str(patience_ms)
    connection.request("POST", naughty.PATH, naughty.body(x, do), headers)
    response = connection.getresponse()
    said = response.read()
    return response.status == http.client.OK and [*json.loads(said)["rows"][0].values()] == [2 * x]


class Traffic:
    """Callers that keep their connection and ask again and again; counts what was right and what was not."""

    def __init__(self, up: Up) -> None:
        """Begins when entered."""
        self.up, self.right, self.wrong, self.longest_s = up, 0, 0, 0.0
        self._last = time.perf_counter()
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(CALLERS)]

    def __enter__(self) -> Self:
        """They ask."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """They stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _call(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.up.port, timeout=30)
        x = number * 1e6
        while not self._stop.wait(0.002):
            x += 1
            try:
                good = send(connection, x)
            except (OSError, http.client.HTTPException, ValueError):
                good = False
                connection.close()
            now = time.perf_counter()
            with self._lock:
                if good:
                    self.longest_s, self._last = max(self.longest_s, now - self._last), now
                self.right, self.wrong = self.right + good, self.wrong + (not good)
        connection.close()


def until(true: Callable[[], bool], server: Server) -> float:
    """Seconds until it is."""
    begin = time.perf_counter()
    while not true():
        assert server.child.poll() is None, f"the server has gone: {server.said}"
        assert time.perf_counter() - begin < PATIENCE_S, f"in vain: {server.said}"
        time.sleep(0.005)
    return time.perf_counter() - begin

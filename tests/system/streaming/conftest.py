"""A model on a leash, and a caller that reads event by event: a pipe holds the model back, nothing depends on time."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest


class Model:
    """What one request's model is told, and what it has logged."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        os.mkfifo(folder / "go")
        self._go = os.open(folder / "go", os.O_RDWR)

    def say(self, *words: str) -> None:
        os.write(self._go, "".join(f"{word}\n" for word in words).encode())

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, line: str, *words: str, seconds: float = 20) -> None:
        """Until the model has logged that line; meanwhile it is told these words, again and again."""
        end = time.monotonic() + seconds
        while line not in self.log():
            assert time.monotonic() < end, self.log()
            self.say(*words)
            time.sleep(0.02)


class Caller:
    """A raw connection: sends requests, reads whole events as they come."""

    def __init__(self, address: str, buffer: int = 0) -> None:
        host, port = address.split(":")
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(20)
        self.socket.connect((host, int(port)))
        self.got = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(
        self,
        *folders: Path | str,
        model: str = "told",
        accept: str = "text/event-stream",
        more: str = "",
        http: str = "1.1",
    ) -> Self:
        rows = [{"folder": str(folder)} for folder in folders]
        body = json.dumps(rows if model == "told" else [{"x": 2.0}]).encode()
        head = f"POST /v1/models/{model}/rows HTTP/{http}\r\nhost: localhost\r\naccept: {accept}\r\n{more}"
        self.socket.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        return self

    def until(self, mark: bytes) -> bytes:
        """All bytes up to the mark, which belongs to them."""
        while mark not in self.got:
            data = self.socket.recv(65536)
            assert data, self.got
            self.got += data
        piece, _, self.got = self.got.partition(mark)
        return piece + mark

    def status(self) -> int:
        """Of the next answer; its head is read."""
        return int(self.until(b"\r\n\r\n").split()[1])

    def event(self) -> tuple[str, Any]:
        """The next event, which is one chunk."""
        size = int(self.until(b"\r\n"), 16)
        while len(self.got) < size + 2:
            self.got += self.socket.recv(65536)
        data, self.got = self.got[:size], self.got[size + 2 :]
        name, said = data.decode().removesuffix("\n\n").split("\n")
        return name.removeprefix("event: "), json.loads(said.removeprefix("data: "))

    def body(self) -> Any:
        """The JSON of an ordinary answer whose head is next."""
        head = self.until(b"\r\n\r\n").lower()
        length = int(head.partition(b"content-length: ")[2].split()[0])
        while len(self.got) < length:
            self.got += self.socket.recv(65536)
        body, self.got = self.got[:length], self.got[length:]
        return json.loads(body)

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        while data := self.socket.recv(65536):
            self.got += data
        return self.got


@pytest.fixture
def model(tmp_path: Path) -> Callable[[], Model]:
    """One more model to hold back."""
    made: list[Model] = []

    def make() -> Model:
        made.append(Model(tmp_path / f"m{len(made)}"))
        return made[-1]

    return make


@pytest.fixture(scope="module")
def server(serve: Callable[..., Any]) -> Any:
    """One with two workers."""
    return serve("yielding.py", processes=1, workers=2, grpc_port=None)


def metric(server: Any, name: str) -> float:
    """The sum over the lines of a metric that begin so."""
    with Caller(server.http) as caller:
        caller.socket.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        lines = caller.rest().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def caller(server: Any) -> Iterator[Caller]:
    with Caller(server.http) as one:
        yield one


@pytest.fixture(scope="session", name="Caller")
def caller_class() -> type[Caller]:
    """For tests, which cannot import from here."""
    return Caller


@pytest.fixture(scope="session", name="metric")
def metric_function() -> Callable[[Any, str], float]:
    """See `metric`."""
    return metric


@pytest.fixture(scope="session", name="eventually")
def eventually_function() -> Callable[..., None]:
    """See `eventually`."""
    return eventually

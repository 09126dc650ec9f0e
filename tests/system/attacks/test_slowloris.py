"""Callers that send as slowly as they can and hold on to what they have: they are closed, and others are served."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from tests.system.attacks.target import ROWS, Target, answers, head, read_all

SECONDS = 1.0
HEAD = b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx: "
LENGTH = head(f"POST {ROWS}", "content-length: 1000")
CHUNKS = head(f"POST {ROWS}", "transfer-encoding: chunked")


@pytest.fixture(scope="module")
def slow(targets: Callable[..., Target]) -> Target:
    """A server with little patience."""
    return targets(header_timeout_s=SECONDS, body_timeout_s=SECONDS, idle_timeout_s=SECONDS)


@pytest.fixture(autouse=True)
def whole(slow: Target) -> Iterator[None]:
    """Its processes stay the same."""
    before = slow.pids
    yield
    assert slow.lives()
    assert slow.pids == before


@contextlib.contextmanager
def held(target: Target, begins: list[bytes], each: int) -> Iterator[list[socket.socket]]:
    """So many connections for each beginning, open until the end."""
    with contextlib.ExitStack() as stack:
        connections = []
        for begin in begins * each:
            connections.append(stack.enter_context(target.open()))
            connections[-1].sendall(begin)
        yield connections


def test_slowloris(slow: Target) -> None:
    """Hundreds of heads and bodies that stop: each is told so and closed in time, and others never wait."""
    began = time.monotonic()
    with held(slow, [HEAD, LENGTH, LENGTH + b"[", CHUNKS, CHUNKS + b"5\r\nab", b"POST"], 60) as connections:
        assert all(slow.lives() for _ in range(20))
        said = [read_all(connection) for connection in connections]
    assert {tuple(answers(one)) for one in said} == {(408,)}
    assert time.monotonic() - began < SECONDS * 10


def test_slowloris_that_sends_nothing(slow: Target) -> None:
    """Connections without a byte are closed without a word."""
    with held(slow, [b""], 200) as connections:
        assert slow.lives()
        assert {read_all(connection) for connection in connections} == {b""}


@pytest.mark.parametrize(
    ("begin", "drop"), [(HEAD, b"y"), (LENGTH, b" "), (CHUNKS, b"1\r\n \r\n")], ids=["head", "length", "chunks"]
)
def test_slowloris_that_drips(slow: Target, begin: bytes, drop: bytes) -> None:
    """A byte now and then is no progress: what takes many times as long as it may is closed all the same."""
    with slow.open() as connection:
        connection.sendall(begin)
        assert gone_within(connection, drop, SECONDS * 4), "it is still open"


def gone_within(connection: socket.socket, drop: bytes, seconds: float) -> bool:
    """Whether the other side answers or closes, though a drop falls every now and then."""
    connection.settimeout(SECONDS / 4)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return answers(connection.recv(65536)) in ([], [408])
        except TimeoutError:
            connection.sendall(drop)
        except ConnectionError:
            return True
    return False


def test_slowloris_of_the_control_plane(slow: Target) -> None:
    """More callers than it takes at once, who stop halfway: when their time is up, the next one is answered."""
    index = head("POST /v2/repository/index", "content-length: 1000")
    connections = [slow.open(admin=True) for _ in range(140)]
    for at, connection in enumerate(connections):
        connection.sendall((HEAD, index, index + b"{", b"")[at % 4])
    assert slow.lives()
    for connection in connections:
        read_all(connection)
        connection.close()
    assert slow.send("GET", "/v2/health/live", admin=True)[0] == 200
    assert "ClientDisconnect" not in slow.child.err

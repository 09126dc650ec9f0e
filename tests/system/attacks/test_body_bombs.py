"""Bodies that are too long, by what they say and by what they are: refused before they are read, in bounded memory."""

from __future__ import annotations

import time

import pytest
from tests.system.attacks.target import ROWS, Target, answers, head

MIB = 2**20  # the server takes so many bytes
LONG = f"content-length: {100 * MIB}"
CHUNKED = head(f"POST {ROWS}", "transfer-encoding: chunked")
BOMBS = {
    "by length, and nothing is sent": [head(f"POST {ROWS}", LONG)],
    "by length, and sent": [head(f"POST {ROWS}", LONG), *[b" " * MIB] * 100],
    "by length, and asked for first": [head(f"POST {ROWS}", LONG, "expect: 100-continue")],
    "one byte over": [head(f"POST {ROWS}", f"content-length: {MIB + 1}")],
    "by a chunk's size": [CHUNKED, b"6400000\r\n"],
    "by its chunks": [CHUNKED, *[b"10000\r\n" + b" " * 2**16 + b"\r\n"] * 1600],
    "of a request without a body": [head("GET /livez", LONG)],
    "to no route": [head("POST /nowhere", LONG)],
}


@pytest.mark.parametrize("name", BOMBS)
def test_body_bomb(target: Target, name: str) -> None:
    """413 and closed."""
    target.forget_memory()
    before, began = target.memory(), time.monotonic()
    said = target.raw(*BOMBS[name])
    assert answers(said) == [413]
    assert b"connection: close" in said
    assert target.memory() - before < 2**23
    assert time.monotonic() - began < 2


def test_body_bomb_that_is_longer_than_it_says(target: Target) -> None:
    """What follows is no part of it, and no request."""
    said = target.raw(head(f"POST {ROWS}", "content-length: 2"), b"[]" + b" " * 100 * 2**10)
    assert answers(said) == [200, 431]


def test_body_bomb_that_is_shorter_than_it_says(target: Target) -> None:
    """It is waited for as long as a body may take."""
    began = time.monotonic()
    assert answers(target.raw(head(f"POST {ROWS}", "content-length: 1000"), b"[]")) == [408]
    assert time.monotonic() - began < 4


def test_body_bombs_from_many_at_once(target: Target) -> None:
    """Each caller holds no more than one body, and lets it go when it leaves."""
    target.forget_memory()
    before = target.memory()
    begin = head(f"POST {ROWS}", f"content-length: {MIB}")
    callers = [target.open() for _ in range(40)]
    for caller in callers:
        caller.sendall(begin + b" " * (MIB - 1))
    assert target.lives()
    assert target.memory() - before < 2 * 40 * MIB
    for caller in callers:
        caller.close()


def test_body_bomb_at_the_control_plane(target: Target) -> None:
    """Its bodies are a few bytes."""
    target.forget_memory()
    before = target.memory()
    index = "POST /v2/repository/index"
    for pieces in (
        [head(index, f"content-length: {100 * MIB}"), *[b" " * MIB] * 100],
        [head(index, "transfer-encoding: chunked"), *[b"10000\r\n" + b" " * 2**16 + b"\r\n"] * 160],
    ):
        assert answers(target.raw(*pieces, admin=True)) == [413]
    assert target.memory() - before < 2**24

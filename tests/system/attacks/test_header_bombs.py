"""Heads that are too many, too long, or never end: 431 and closed, at once and in bounded memory."""

from __future__ import annotations

import time

import pytest
from tests.system.attacks.target import ROWS, Target, answers, head

BASE = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n"
LIMIT = 32 * 2**10
TOO_MUCH = {
    "many headers": BASE + b"".join(b"x%d: y\r\n" % number for number in range(10_000)) + b"\r\n",
    "one header many times": BASE + b"a:\r\n" * 20_000 + b"\r\n",
    "a long value": BASE + b"x: " + b"y" * 2**20 + b"\r\n\r\n",
    "a long name": BASE + b"x" * 2**20,
    "an endless line": BASE + b"x: " + b"y" * 2**23,
    "an endless method": b"G" * 2**20,
    "an endless target": b"GET /" + b"a" * 2**20,
    "an endless query": b"GET /?" + b"a=b&" * 2**18,
    "one byte over": BASE + b"x: " + b"y" * (LIMIT - len(BASE) - 6) + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_header_bomb(target: Target, name: str) -> None:
    """One refusal, and nothing behind it is read."""
    target.forget_memory()
    before, began = target.memory(), time.monotonic()
    said = target.raw(TOO_MUCH[name])
    assert answers(said) == [431]
    assert b"connection: close" in said
    assert target.memory() - before < 2**23
    assert time.monotonic() - began < 2


def test_header_bomb_in_pieces(target: Target) -> None:
    """It makes no difference how it comes."""
    data = TOO_MUCH["an endless line"][: 2**16]
    said = target.raw(*(data[start : start + 97] for start in range(0, len(data), 97)))
    assert answers(said) == [431]


JUST_FITS = {
    "many headers": BASE + b"".join(b"%x:\r\n" % number for number in range(4300)) + b"connection: close\r\n\r\n",
    "one header many times": BASE + b"a:\r\n" * 7900 + b"connection: close\r\n\r\n",
    "values of one header": BASE + b"connection: " + b"close," * 5000 + b"\r\n\r\n",
    "a cookie": BASE + b"cookie: " + b"a=b; " * 6000 + b"\r\nconnection: close\r\n\r\n",
    "codings": head(
        f"POST {ROWS}", "content-length: 2", "connection: close", "accept-encoding: " + "gzip;q=0.5," * 2500
    )
    + b"[]",
    "types": head(f"POST {ROWS}", "content-length: 2", "connection: close", "accept: " + "text/a;q=0.5," * 2000)
    + b"[]",
    "forwarded": head("GET /livez", "connection: close", "x-forwarded-for: " + "10.0.0.1, " * 3000),
    "a path": head("GET /" + "a/" * 15_000, "connection: close"),
}


@pytest.mark.parametrize("name", JUST_FITS)
def test_header_bomb_that_just_fits(target: Target, name: str) -> None:
    """What fits is worked off at once: nothing is read that grows faster than the head."""
    began = time.monotonic()
    said = target.raw(JUST_FITS[name])
    assert answers(said) in ([200], [404])
    assert len(said) < 4096
    assert time.monotonic() - began < 1

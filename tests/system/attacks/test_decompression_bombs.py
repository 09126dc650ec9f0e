"""Bodies that inflate a thousandfold: never more memory than a plain body may take. `test_bodies.py` has the basics."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from tests.system.attacks.target import ROWS, Target

LIMIT = 2**20
PACK = {"gzip": lambda data: gzip.compress(data, 9), "deflate": lambda data: zlib.compress(data, 9)}


@pytest.fixture(scope="module", params=PACK)
def coding(request: pytest.FixtureRequest) -> tuple[str, Callable[[bytes], bytes]]:
    """A coding and what packs."""
    return request.param, PACK[request.param]


def sent(target: Target, body: bytes, coding: str) -> tuple[int, int]:
    """The status, and how many bytes the server's processes took for it."""
    target.forget_memory()
    before = target.memory()
    status, _, said = target.send("POST", ROWS, body, {"content-encoding": coding})
    assert len(said) < 1000
    return status, target.memory() - before


def test_decompression_bomb(target: Target, coding: tuple[str, Callable[[bytes], bytes]]) -> None:
    """Just under the limit is taken, one byte over is not, and a thousandfold costs no more than that byte."""
    name, pack = coding
    just = b" " * (LIMIT - 2) + b"[]"
    assert sent(target, pack(just), name)[0] == 200
    assert sent(target, pack(b" " + just), name)[0] == 413
    bomb = pack(bytes(LIMIT * 256))
    assert len(bomb) < LIMIT * 256 / 900
    status, bytes_taken = sent(target, bomb, name)
    assert status == 413
    assert bytes_taken < 8 * LIMIT


def test_decompression_bomb_in_a_bomb(target: Target, coding: tuple[str, Callable[[bytes], bytes]]) -> None:
    """One coding is undone, once."""
    name, pack = coding
    nested = pack(pack(bytes(LIMIT * 256)))
    status, bytes_taken = sent(target, nested, name)
    assert status == 400
    assert bytes_taken < 8 * LIMIT
    assert sent(target, nested, f"{name}, {name}")[0] == 415


def test_decompression_bomb_of_many_streams(target: Target) -> None:
    """Work without an end: members behind members, blocks of nothing, a name of a megabyte."""
    bombs = {
        "members": (gzip.compress(b" ") * 20_000, "gzip"),
        "empty blocks": (zlib.compress(b"")[:2] + b"\0\0\0\xff\xff" * 200_000, "deflate"),
        "a name": (b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * 1_000_000, "gzip"),
    }
    for name, (body, coding) in bombs.items():
        status, bytes_taken = sent(target, body, coding)
        assert status == 400, name
        assert bytes_taken < 8 * LIMIT, name


def test_decompression_bomb_at_the_control_plane(target: Target) -> None:
    """It inflates nothing."""
    body = gzip.compress(bytes(2**24))
    status, _, said = target.send("POST", "/v2/repository/index", body, {"content-encoding": "gzip"}, admin=True)
    assert (status, b"no JSON" in said) == (400, True)

"""Compressed bodies: both codings both ways, and every bomb and stump refused."""

import gzip
import random
import zlib

import pytest

from trimtab.core.errors import UserError
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.coding import Inflation, Later, accepted, exchange, packed
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Request

PIECE = 2**18
TEXT = b'{"rows":[1,2,3]}' * 100
SQUEEZE = {b"gzip": gzip.compress, b"x-gzip": gzip.compress, b"deflate": zlib.compress, b"GZip": gzip.compress}
UNPACK = {b"gzip": gzip.decompress, b"x-gzip": gzip.decompress, b"deflate": zlib.decompress}


def request(body, coding=b"", accept=b""):
    headers = {b"host": b"a", b"content-encoding": coding, b"accept-encoding": accept}
    return Request(b"POST", b"/", b"", {name: value for name, value in headers.items() if value}, body, keep_alive=True)


def inflated(http, limit):
    """The request with its whole body, however many pieces that takes."""
    inflation = Inflation(http, limit)
    while (plain := inflation.step()) is None:
        pass
    return plain


@pytest.mark.parametrize("coding", SQUEEZE)
def test_a_body_is_inflated_and_then_says_nothing_of_it(coding):
    plain = inflated(request(SQUEEZE[coding](TEXT), coding), len(TEXT))
    assert plain.body == TEXT
    assert plain.headers == {b"host": b"a"}


@pytest.mark.parametrize("coding", UNPACK)
def test_a_body_beyond_the_limit_is_refused_however_small_it_travels(coding):
    with pytest.raises(UserError, match="longer than 1599 bytes once it is inflated"):
        inflated(request(SQUEEZE[coding](TEXT), coding), len(TEXT) - 1)


def test_a_bomb_is_refused_while_it_is_inflated():
    """Four gigabytes in four megabytes: if they were inflated first, this would take minutes."""
    squeeze = zlib.compressobj(9)
    block = squeeze.compress(bytes(2**24))
    bomb = block + squeeze.flush(zlib.Z_FULL_FLUSH)
    repeated = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = repeated.compress(bytes(2**24)) + repeated.flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(UserError, match="P315"):
        inflated(request(bomb + piece * 255, b"deflate"), 2**20)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])
@pytest.mark.parametrize("noisy", [False, True])
def test_a_body_of_any_length_is_whole_after_its_pieces(size, noisy):
    text = random.Random(size).randbytes(size) if noisy else bytes(size)
    for pack, coding in ((gzip.compress, b"gzip"), (zlib.compress, b"deflate")):
        assert inflated(request(pack(text), coding), max(size, 1)).body == text
        if size:
            with pytest.raises(UserError, match="P315"):
                inflated(request(pack(text), coding), size - 1)


def test_no_piece_is_longer_than_another_caller_may_wait():
    inflation = Inflation(request(gzip.compress(bytes(10 * PIECE)), b"gzip"), 20 * PIECE)
    steps = 1
    while inflation.step() is None:
        steps += 1
    assert steps >= 10


@pytest.mark.parametrize("size", [100, 4 * PIECE])
def test_only_a_long_body_is_read_later(size):
    text = random.Random(0).randbytes(size)
    found = exchange(read, request(gzip.compress(text), b"gzip"), None, "1", Settings())
    assert isinstance(found, Later) is (size > PIECE)
    if isinstance(found, Later):
        while (plain := found.step()) is None:
            pass
        found = found.then(plain)
    assert found.encode(InferResponse("echo", "1", "1", {}, 0)).body == text


BROKEN = {
    "another coding": (b"br", b"\x0b\x02\x80", "P314"),
    "two codings": (b"gzip, gzip", gzip.compress(gzip.compress(TEXT)), "P314"),
    "no stream": (b"gzip", TEXT, "no gzip stream"),
    "the other one": (b"deflate", gzip.compress(TEXT), "no deflate stream"),
    "cut off": (b"gzip", gzip.compress(TEXT)[:-1], "cut off"),
    "empty": (b"deflate", b"", "cut off"),
    "a wrong checksum": (b"deflate", zlib.compress(TEXT)[:-1] + b"\0", "no deflate stream"),
    "two members": (b"gzip", gzip.compress(TEXT) * 2, "bytes follow"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_whole_stream_is_refused(name):
    coding, body, message = BROKEN[name]
    with pytest.raises(UserError, match=message):
        inflated(request(body, coding), 2**20)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (b"", b""),
        (b"identity", b""),
        (b"br", b""),
        (b"gzip", b"gzip"),
        (b"deflate", b"deflate"),
        (b"GZIP", b"gzip"),
        (b"gzip, deflate, br", b"gzip"),
        (b"deflate;q=0.5, gzip;q=0.9", b"gzip"),
        (b"deflate, gzip;q=0.9", b"deflate"),
        (b"gzip;q=0", b""),
        (b"gzip;q=0, deflate;q=0.1", b"deflate"),
        (b"*", b"gzip"),
        (b"*;q=0", b""),
        (b"gzip;q=nonsense", b""),
        (b"gzip;q=nan", b""),
        (b"br," * 50 + b"gzip", b""),
    ],
)
def test_the_coding_of_an_answer_is_the_one_its_caller_likes_best(header, coding):
    assert accepted(header) == coding


@pytest.mark.parametrize("coding", UNPACK)
def test_an_answer_is_packed_and_says_so(coding):
    answer = packed(Answer(200, TEXT, headers=((b"x-y", b"z"),)), coding)
    assert UNPACK[coding](answer.body) == TEXT
    assert len(answer.body) < len(TEXT) / 10
    assert answer.headers == ((b"x-y", b"z"), (b"content-encoding", coding), (b"vary", b"accept-encoding"))


def read(http, _endpoint, own_id):
    """A dialect that answers a body with itself."""
    body = bytes(http.body)
    return Exchange(InferRequest("echo", {}, own_id), lambda _response: Answer(200, body))


@pytest.mark.parametrize(("size", "coded"), [(1024, False), (1025, True)])
def test_only_answers_worth_it_are_packed(size, coded):
    body = b"x" * size
    found = exchange(read, request(gzip.compress(body), b"gzip", b"gzip"), None, "1", Settings())
    answer = found.encode(InferResponse("echo", "1", "1", {}, 0))
    assert (answer.body == body) is not coded
    assert ((b"content-encoding", b"gzip") in answer.headers) is coded


def test_a_plain_request_passes_as_it_is():
    http = request(TEXT)
    answer = exchange(read, http, None, "1", Settings()).encode(InferResponse("echo", "1", "1", {}, 0))
    assert answer == Answer(200, TEXT)


def test_a_stream_is_not_compressed():
    plain = Exchange(InferRequest("m", {}, "id"), lambda _response: Answer(200, TEXT), events=object())
    assert exchange(lambda *_: plain, request(b"", accept=b"gzip"), None, "id", Settings()) is plain

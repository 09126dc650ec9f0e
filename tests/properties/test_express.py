"""With the express lane and without it: the same answers, records and counts, whatever is sent."""

import gzip
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.doubles.kept import Kept
from tests.doubles.laned import HEAD, Server, columns, endpoint_of, foreign, forest, linear, matrix, request, tensors

from trimtab.bundle.kernels import library

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
CASES = {
    "linear": (matrix(), linear(limit=1e6), [("x", "FP64", [2, 3], "[[1.5,-2,3e-1],[0.25,5,-6.125]]")]),
    "several": (matrix(width=2), linear(2), [("x", "FP64", [1, 3], "[1.5,-2,3e-1]")]),
    "forest": (matrix(), forest(), [("x", "FP64", [1, 3], "[[1.5,-2,3e-1]]")]),
    "single": (matrix("FP32"), forest("float32"), [("x", "FP32", [2, 3], "[0.1,-2,3e-1,7,8,9]")]),
    "tall": (matrix("FP32"), forest("float32"), [("x", "FP32", [40, 3], "[" + ",".join(["1,-2.5,0.5"] * 40) + "]")]),
    "columns": (columns(), linear(), [(name, "FP64", [3], "[1.5,-2,3e-1]") for name in "bca"]),
    "foreign": (matrix("FP32"), foreign, [("x", "FP32", [2, 3], "[[0.1,-2,3e-1],[7,8,9]]")]),
    "apart": (columns(), foreign, [(name, "FP64", [2], "[0.1,-2]") for name in "cab"]),
    "narrow": (columns("FP32"), forest("float32"), [(name, "FP32", [2, 1], "[0.1,-2]") for name in "abc"]),
}
NAMES = [*CASES, "foreign, together", "apart, together"]
NUMBERS = [
    b"0", b"-0", b"-0.0", b"-0e0", b"0e9999", b"1e400", b"-1e-400", b"1e39", b"3.4028236e38", b"9007199254740993",
    b"18446744073709551615", b"18446744073709551616", b"99999999999999999999999", b"1e22", b"123456789012345678e-27",
    b"2.00000000000000000001", b"01", b"+1", b".5", b"1.", b"1e", b"0x10", b"NaN", b"Infinity", b'"1"', b"null",
    b"5e178", b"true", b"1 2", b"[1]", b"{}", b"1,2", b"", b"1e5", b"1E+05", b"1e-05", b"1000001",
]  # fmt: skip
SPLICES = [
    b",", b"]", b"[", b":", b'"', b" ", b"\n", b"\t", b"\0", b"\xff", b"1", b"-", b"e", b".", b"}", b"{",
    b'"id":"7",', b'"id":"7"', b'"outputs":[{"name":"y"}],', b'"parameters":{"timeout":9},', b'"name":"x",',
    b'"data":[1,2,3],', b'"shape":[1,3],', b"\xef\xbb\xbf", b"null", b"\\u0061", b'"inputs":[],',
]  # fmt: skip


class Pair:
    """The same server twice, one of them without the lane."""

    def __init__(self, name: str):
        signature, model, given = CASES[name.partition(", ")[0]]
        soon = (lambda turn: turn()) if "together" in name else None
        self.body, self.servers = tensors(*given), [Server(endpoint_of(signature, model, soon=soon)) for _ in "ab"]
        subject = {"subject": "a"} if name == "columns" else {}  # whose records are not made quickly
        self.kept = [Kept(server, signature, **subject) for server in self.servers]
        self.connect()

    def connect(self):
        self.callers = [server.connect(lanes=lanes) for server, lanes in zip(self.servers, (True, False), strict=True)]

    def says(self, *pieces: bytes) -> list[bytes]:
        said, slow = (caller.says(*pieces) for caller in self.callers)
        assert said == slow
        fast, slow = (kept.news() for kept in self.kept)
        assert fast == slow
        assert self.servers[0].counted() == self.servers[1].counted()
        assert self.callers[0].transport.closed == self.callers[1].transport.closed
        if self.callers[0].transport.closed:
            self.connect()
        return said

    def teach(self, length: int, more: str = ""):
        """The head of a body of that length, and the body's text, are known."""
        self.servers[0].endpoint.reading._wait = 0
        if length >= len(self.body):
            at = self.body.index(b'"data":[') + len(b'"data":[')
            at += self.body.startswith(b"[", at)
            self.says(request(self.body[:at] + b" " * (length - len(self.body)) + self.body[at:], more))


PAIRS = {}


def pair_of(name: str) -> Pair:
    return PAIRS.setdefault(name, Pair(name))


def test_the_lane_is_what_is_compared():
    for name in NAMES:
        pair = Pair(name)
        for _ in range(3):
            pair.says(request(pair.body))
        assert [server.asked for server in pair.servers] == [1, 3]


spots = st.integers(0, 400)
doubles = st.floats(allow_nan=False, allow_infinity=False)
mutations = st.one_of(
    st.tuples(st.just("number"), spots, st.sampled_from(NUMBERS)),
    st.tuples(st.just("number"), spots, doubles.map(lambda double: repr(double).encode())),
    st.tuples(st.just("insert"), spots, st.sampled_from(SPLICES)),
    st.tuples(st.just("replace"), spots, st.binary(min_size=1, max_size=2)),
    st.tuples(st.just("cut"), spots, st.integers(1, 30)),
    st.tuples(st.just("swap"), spots, spots),
)


def mutated(body: bytes, how: str, at: int, what) -> bytes:
    if how == "number":
        found = list(re.finditer(rb'(?<!"shape":\[)(?<=[\[,])-?[0-9][-+.0-9e]*(?=[],])', body))
        one = found[at % len(found)] if found else re.match(b"", body)
        return body[: one.start()] + what + body[one.end() :]
    at %= len(body) + 1
    match how:
        case "insert":
            return body[:at] + what + body[at:]
        case "replace":
            return body[:at] + what + body[at + len(what) :]
        case "cut":
            return body[:at] + body[at + what :]
    parts = re.split(rb"(?<=})(,)(?=\{)|(?<=\])(,)(?=\")", body)
    parts = [part for part in parts if part is not None]
    one, other = at % len(parts), what % len(parts)
    parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=80)
@given(st.lists(mutations, min_size=1, max_size=3))
@example([("number", 2, b"-0")])
@example([("number", 2, b"1e39")])
def test_bodies_that_differ_a_little_are_answered_the_same(name, changes):
    pair = pair_of(name)
    body = pair.body
    for change in changes:
        body = mutated(body, *change)
    pair.teach(len(body))
    pair.says(request(body))
    pair.teach(len(body))
    pair.says(request(pair.body))


@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_write_a_number_is_answered_the_same(name):
    pair = pair_of(name)
    for at, number in enumerate(NUMBERS):
        body = mutated(pair.body, "number", at, number)
        pair.teach(len(body))
        pair.says(request(body))


@pytest.mark.parametrize("name", NAMES)
def test_random_numbers_take_the_lane_and_are_answered_the_same(name):
    pair, chance, taken = Pair(name), np.random.default_rng(3), 0
    for _ in range(60):
        body, digits = pair.body, int(chance.integers(1, 17))
        for at in range(9):
            body = mutated(body, "number", at, b"%.*g" % (digits, chance.normal() * 10.0 ** chance.integers(-5, 5)))
        pair.teach(len(body))
        before = pair.servers[0].asked
        pair.says(request(body))
        taken += pair.servers[0].asked == before
    assert taken > 40


def written(name: str, rows: int, data) -> bytes:
    """A body of that model, in any of the ways in which it may be written."""
    signature = CASES[name.partition(", ")[0]][0]
    numbers = data.draw(st.lists(st.floats(-1e6, 1e6) | st.integers(-9, 9), min_size=rows * 3, max_size=rows * 3))
    dtype, blank = signature.inputs[0].dtype, data.draw(st.sampled_from(["", " ", "\n\t"]))
    shown = [f"{blank}{number!r}{blank}" for number in numbers]
    if len(signature.inputs) == 1:
        parts = [",".join(shown[at : at + 3]) for at in range(0, rows * 3, 3)]
        nested = data.draw(st.booleans())
        return tensors(("x", dtype, [rows, 3], f"[[{'],['.join(parts)}]]" if nested else f"[{','.join(parts)}]"))
    shape = data.draw(st.sampled_from([[rows], [rows, 1]]))
    order = data.draw(st.permutations("abc"))
    return tensors(*((one, dtype, shape, f"[{','.join(shown[at::3])}]") for at, one in enumerate(order)))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(st.integers(1, 6), st.data())
def test_every_way_to_write_a_body_is_answered_the_same(name, rows, data):
    pair = pair_of(name)
    for _ in range(2):
        body = written(name, rows, data)
        pair.teach(len(body))
        for _ in range(2):
            pair.says(request(body))


HEADS = [
    "accept-encoding: gzip\r\n", "x-request-id: mine\r\n", "x-request-id: é\r\n", "connection: close\r\n",
    "connection: keep-alive\r\n", "content-type: application/json\r\n", "content-type: text/plain\r\n",
    "content-type: application/octet-stream\r\n",
    "expect: 100-continue\r\n", "content-encoding: gzip\r\n", "content-encoding: identity\r\n",
    "transfer-encoding: chunked\r\n", "content-length: 1\r\n", "x-request-timeout-ms: 5\r\n",
    "x-request-timeout-ms: x\r\n", "inference-header-content-length: 9\r\n", "authorization: Bearer tt_1\r\n",
    "origin: http://evil.example\r\n", "upgrade: h2c\r\nconnection: upgrade\r\n", "a: b\r\n" * 300, "bad\r\n",
]  # fmt: skip
LINES = [
    HEAD, HEAD.replace("1.1", "1.0"), HEAD.replace("POST", "GET"), HEAD.replace("/m/", "/n/"),
    HEAD.replace("/infer", "/infer?a=b"), HEAD.replace("/infer", "/versions/abababababab/infer"), "\r\n" + HEAD,
    HEAD.replace("/v2/models/m/infer", "/v1/models/m/rows"), HEAD.replace("\r\n", "\n"),
    HEAD.replace("127.0.0.1", "evil.example"),
    HEAD.replace("1.1", "1.0").replace("{more}", "connection: keep-alive\r\n"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["linear", "columns"])
@pytest.mark.parametrize("more", HEADS)
def test_other_headers_are_answered_the_same(name, more):
    pair = Pair(name)
    body = gzip.compress(pair.body) if more == "content-encoding: gzip\r\n" else pair.body
    for _ in range(3):
        pair.says(request(body, more))
        pair.says(request(pair.body))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("more", [-9, -1, 1, 9])
def test_a_body_that_is_not_as_long_as_its_head_says_is_answered_the_same(name, more):
    pair = Pair(name)
    at = pair.body.index(b"[", pair.body.index(b'"data":'))
    at += pair.body.startswith(b"[[", at)
    longer = pair.body[: at + 1] + b" " * abs(more) + pair.body[at + 1 :]
    said, sent = (pair.body, longer) if more > 0 else (longer, pair.body)
    for body in (said, sent, said, sent):
        pair.says(request(body))
    pair.says(request(said)[: -len(said)] + sent)
    pair.says(request(pair.body))


@pytest.mark.parametrize("line", LINES)
def test_other_heads_are_answered_the_same(line):
    pair = Pair("linear")
    for head in (line, HEAD) * 3:
        pair.says(request(pair.body, head=head))


@pytest.mark.parametrize("name", ["linear", "columns"])
@given(st.data())
@settings(max_examples=40)
def test_however_the_bytes_arrive_the_answers_are_the_same(name, data):
    pair = pair_of(name)
    whole = request(pair.body)
    short, long = whole.replace(b"length: ", b"length: 0"), whole + b"\r\n"
    stream = b"".join(data.draw(st.lists(st.sampled_from([whole, short, long, whole[:-1]]), max_size=4)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    pair.teach(len(pair.body))
    pair.says(*filter(None, (stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True))))
    pair.connect()

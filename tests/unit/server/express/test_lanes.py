"""Which heads have a lane, whose it is, and what closes it."""

from math import inf

import pytest
from tests.doubles.laned import Server, endpoint_of, linear, matrix, request, tensors
from tests.unit.server.guard.test_guard import Audit, Backoff, Clients, Shares
from tests.unit.server.guard.test_identity import Memory

from trimtab.bundle.kernels import library
from trimtab.server.guard.guard import Guard, Means
from trimtab.server.guard.keys.text import PREFIX
from trimtab.server.guard.principal import Grant, Known, Principal
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.settings import Settings

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
BODY = tensors(("x", "FP64", [1, 3], "[[1,2,3]]"))
ANN, EVE = (Principal(f"key:{name}", (Grant("infer", "m"),)) for name in ("ann", "eve"))
BOB = Principal("token:idp:bob", (Grant("infer"),), "token")
READER = Principal("key:ann", (Grant("read"),))


class Guarded(Server):
    """Asks for keys and tokens; the test turns the clock."""

    def __init__(self, shares=None):
        self.keys, self.tokens = Memory(a=Known(ANN), e=Known(EVE)), Memory(t=Known(BOB, 100.0))
        self.now, self.audit = 0.0, Audit()
        means = Means(self.keys, self.tokens, shares, Clients(), Backoff(), self.audit)
        guard = Guard(GuardSettings(keys="keys.json"), means, clock=lambda: self.now)
        super().__init__(endpoint_of(matrix(), linear()), guard=guard)
        self.caller = self.connect()

    def __call__(self, credential=f"{PREFIX}a"):
        """Whether the lane took it, and the status of its answer."""
        before = self.asked
        (answer,) = self.caller.asks(BODY, f"authorization: Bearer {credential}\r\n" if credential else "")
        return self.asked == before, int(answer.split()[1])


def test_who_has_shown_its_key_is_not_asked_again():
    story = Guarded()
    assert [story() for _ in range(3)] == [(False, 200), (True, 200), (True, 200)]
    assert len(story.keys.asked) == 1


@pytest.mark.parametrize(
    ("known", "status"), [({}, 401), ({"a": Known(READER)}, 403), ({"a": Known(EVE)}, 200), ({"a": Known(ANN)}, 200)]
)
def test_keys_that_change_close_it_at_once(known, status):
    story = Guarded()
    assert [story()[0] for _ in range(2)] == [False, True]
    story.keys.known, story.keys.generation = known, story.keys.generation + 1
    assert story() == (False, status)
    assert story() == (status == 200, status)
    story.keys.known, story.keys.generation = {"a": Known(ANN)}, story.keys.generation + 1
    assert [story() for _ in range(2)] == [(False, 200), (True, 200)]


def test_a_token_that_has_expired_is_looked_at_again():
    story = Guarded()
    assert [story("t")[0] for _ in range(2)] == [False, True]
    story.now = 100.0
    story.tokens.known = {}
    assert story("t") == (False, 401)


def test_a_lane_is_of_one_caller_and_nobody_else_is_on_it():
    story = Guarded()
    assert [story()[0] for _ in range(2)] == [False, True]
    assert story(f"{PREFIX}e") == (False, 200)
    assert story(f"{PREFIX}x") == (False, 401)
    assert story("") == (False, 401)
    assert story(f"{PREFIX}e") == (True, 200)


@pytest.mark.parametrize("certificate", [Known(BOB, 5.0), Known(BOB, inf)])
def test_a_certificate_is_of_a_connection_and_not_of_a_head(certificate):
    story = Guarded()
    story.caller.listener.peer = story.caller.listener.peer.__class__("192.0.2.7", certificate)
    assert [story("") for _ in range(3)] == [(False, 200)] * 3
    story.caller = story.connect()
    assert story("") == (False, 401)


def test_who_has_a_share_is_counted():
    story = Guarded(Shares(3, 9))
    assert [story() for _ in range(4)] == [(False, 200)] * 3 + [(False, 429)]


def test_every_request_has_its_line_where_that_is_wanted():
    server = Server(endpoint_of(matrix(), linear()), Settings(access_log=True))
    caller = server.connect()
    for _ in range(3):
        caller.asks(BODY)
    assert (server.asked, len(server.logged)) == (3, 3)


@pytest.mark.parametrize(
    "more",
    [
        "expect: 100-continue\r\n", "connection: close\r\n", "content-encoding: identity\r\n",
        "inference-header-content-length: {length}\r\n", "a: " + "b" * 1024 + "\r\n",
    ],
)  # fmt: skip
def test_heads_that_say_more_have_none(more):
    server = Server(endpoint_of(matrix(), linear()))
    for _ in range(3):
        (answer,) = server.connect().asks(BODY, more.format(length=len(BODY)))
        assert answer.startswith(b"HTTP/1.1 200 ")
    assert server.asked == 3


@pytest.mark.parametrize(
    "body",
    [
        BODY[:-1] + b',"id":"7"}',
        BODY[:-1] + b',"outputs":[{"name":"y"}]}',
        BODY[:-1] + b',"parameters":{}}',
        BODY[:-1] + b',"more":1}',
    ],
)
def test_bodies_that_say_more_have_none(body):
    server = Server(endpoint_of(matrix(), linear()))
    caller = server.connect()
    found = [caller.asks(body) for _ in range(3)]
    assert (server.asked, found[0]) == (3, found[2])


def test_two_requests_at_once_go_the_ordinary_way_and_one_in_two_parts_does_not():
    server = Server(endpoint_of(matrix(), linear()))
    caller = server.connect()
    (first,), whole = caller.asks(BODY), request(BODY)
    assert caller.says(whole + whole) == [first] * 2
    assert caller.says(whole[:-3], whole[-3:]) == [first]
    assert caller.says(whole[:40], whole[40:]) == [first]
    assert caller.says(whole + whole[:9], whole[9:]) == [first] * 2
    assert server.asked == 4
    assert caller.says(whole) == [first]
    assert server.asked == 4


def test_each_head_learns_for_itself_what_the_endpoint_knows():
    server = Server(endpoint_of(matrix(), linear()))
    caller = server.connect()
    asked = []
    for more in ("", "x-request-id: 1\r\n", "", "x-request-id: 1\r\n"):
        caller.asks(BODY, more)
        asked.append(server.asked)
    assert asked == [1, 2, 2, 2]

"""Who is let in, who is told what, and what is counted and written down of the others."""

from math import inf

import pytest
from tests.unit.server.guard.test_identity import Memory, bearer

from trimtab.server.faults import TurnedAwayError
from trimtab.server.guard.guard import Guard, Means
from trimtab.server.guard.keys.text import PREFIX
from trimtab.server.guard.peer import LOCAL, Peer
from trimtab.server.guard.principal import ANYBODY, NOBODY, Grant, Known, Principal
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.guard.shares.shares import Over
from trimtab.server.wire import Request

CI = Principal("key:ci", (Grant("infer", "churn"), Grant("read")))
EDGE = Principal("certificate:edge", (Grant("infer"),), "certificate")
BOB = Principal("token:idp:bob", (Grant("infer"),), "token")
GOOD = bearer(f"{PREFIX}a") | {b"host": b"churn.example"}
FAR = Peer("192.0.2.7")


class Shares:
    """So many requests and rows, then no more."""

    def __init__(self, requests, rows, retry_s=2.5):
        self.left, self.retry_s, self.told = {"requests": requests, "rows": rows}, retry_s, []

    def begin(self, name):
        self.told.append(("begin", name))
        return self._take("requests", 1)

    def rows(self, name, rows):
        self.told.append(("rows", name, rows))
        return self._take("rows", rows)

    def end(self, name):
        self.told.append(("end", name))

    def attach(self, process):
        self.told.append(("attach", process))

    def _take(self, what, count):
        self.left[what] -= count
        return Over(what, "3 per 1 second", self.retry_s) if self.left[what] < 0 else None


class Clients:
    def of(self, peer, headers):
        return headers.get(b"x-forwarded-for", peer.encode()).decode()


class Backoff:
    wait_s = 0.0

    def failed(self, client):  # noqa: ARG002 - the name that `Backoff` gives
        return self.wait_s


class Audit:
    def __init__(self):
        self.told, self.flushed = [], 0

    def refused(self, *what):
        self.told.append(what)

    def flush(self):
        self.flushed += 1

    turn = flush


class Story:
    def __init__(self, *, asks=True, shares=None, local=False, hosts=()):
        self.keys = Memory(a=Known(CI)) if asks else None
        self.keys and setattr(self.keys, "look", lambda: None)
        self.tokens = Memory(t=Known(BOB, 100.0), w=None) if asks else None
        self.backoff, self.audit, self.counted, self.now = Backoff(), Audit(), [], 0.0
        means = Means(self.keys, self.tokens, shares, Clients(), self.backoff, self.audit)
        settings = GuardSettings(keys="keys.json" if asks else None, hosts=hosts)
        self.guard = Guard(settings, means, local=local, clock=lambda: self.now)
        self.guard.count = self.counted.append

    def refused(self, call):
        with pytest.raises(TurnedAwayError) as caught:
            call()
        (problem,) = caught.value.problems
        return problem.code, problem.what, dict(caught.value.headers)


def request(headers=GOOD, method=b"POST"):
    return Request(method, b"/x", b"", headers, b"", keep_alive=True)


def test_a_key_is_looked_at_once_for_the_same_head():
    story, http = Story(), request()
    assert [story.guard.caller(http, FAR) for _ in range(3)] == [CI] * 3
    assert len(story.keys.asked) == 1
    story.keys.generation += 1
    story.keys.known = {}
    code, what, headers = story.refused(lambda: story.guard.caller(http, FAR))
    assert (code, what) == ("P331", "the credential is not taken: unknown")
    assert headers == {b"www-authenticate": b'Bearer realm="trimtab", error="invalid_token"'}


def test_a_token_is_looked_at_again_when_its_time_is_over():
    story, http = Story(), request(bearer("t"))
    assert story.guard.caller(http, FAR) == BOB
    story.now = 100.0
    assert story.guard.caller(http, FAR) == BOB
    assert len(story.tokens.asked) == 2


def test_who_shows_nothing_is_who_the_certificate_says_if_it_still_holds():
    story, http = Story(), request({})
    assert story.guard.caller(http, Peer("", Known(EDGE, 5.0))) == EDGE
    story.now = 5.0
    code, what, _ = story.refused(lambda: story.guard.caller(http, Peer("", Known(EDGE, 5.0))))
    assert (code, what) == ("P331", "the client certificate has expired")
    code, _, headers = story.refused(lambda: story.guard.caller(http, FAR))
    assert (code, headers) == ("P331", {b"www-authenticate": b'Bearer realm="trimtab"'})
    # the head is the same, whoever sends it: the certificate of one counts for nobody else
    assert story.guard.caller(http, Peer("", Known(EDGE, inf))) == EDGE


def test_a_credential_goes_before_a_certificate_and_a_bad_one_is_not_made_good_by_it():
    story = Story()
    assert story.guard.caller(request(), Peer("", Known(EDGE))) == CI
    assert story.refused(lambda: story.guard.caller(request(bearer("bad")), Peer("", Known(EDGE))))[0] == "P331"


def test_a_bad_credential_is_counted_and_written_down_without_itself():
    story = Story()
    story.refused(lambda: story.guard.caller(request(bearer("hunter2")), FAR))
    assert story.counted == ["unauthenticated"]
    assert story.audit.told == [("", "the credential is not taken: unknown", "192.0.2.7", "unauthenticated")]
    story.backoff.wait_s = 3.2
    code, _, headers = story.refused(lambda: story.guard.caller(request(bearer("hunter2")), FAR))
    assert (code, headers) == ("P333", {b"retry-after": b"4"})
    assert story.guard.caller(request(), FAR) == CI  # nobody is locked out by a neighbour behind the same address
    assert story.counted == ["unauthenticated", "backoff"]


def test_a_caller_without_the_scope_is_told_so():
    story = Story()
    story.guard.require(CI, "infer", "churn", {}, FAR)
    story.guard.require(CI, "read", "", {}, FAR)
    assert story.refused(lambda: story.guard.require(CI, "infer", "other", {}, FAR))[:2] == (
        "P332", "`key:ci` may not `infer` on model `other`",
    )  # fmt: skip
    assert "on the whole server" in story.refused(lambda: story.guard.require(CI, "infer", "", {}, FAR))[1]
    assert story.counted == ["forbidden"] * 2
    assert story.audit.told[0][::2] == ("key:ci", "192.0.2.7")


def test_whether_there_is_such_a_model_is_not_told_to_who_may_nothing_on_it():
    story = Story()
    story.guard.require_any(CI, "churn", {}, FAR)
    only = Principal("key:x", (Grant("infer", "churn"),))
    assert story.refused(lambda: story.guard.require_any(only, "other", {}, FAR))[0] == "P332"


def test_what_everybody_may_ask_is_answered_to_everybody():
    story = Story()
    assert story.guard.whoever(request(bearer("bad")), FAR) == NOBODY
    assert story.guard.whoever(request({}), FAR) == NOBODY
    assert story.guard.whoever(request(bearer("w")), FAR) == NOBODY
    assert story.guard.whoever(request(), FAR) == CI
    assert Story(asks=False).guard.whoever(request({}), FAR) == ANYBODY
    assert story.counted == [], "asking whether it is alive is no attack"
    assert story.audit.told == []


def test_where_nobody_is_asked_everybody_may_and_a_page_of_another_place_may_not():
    story = Story(asks=False, local=True)
    assert story.guard.caller(request({b"host": b"localhost:8080"}), FAR) == ANYBODY
    code, what, _ = story.refused(lambda: story.guard.caller(request({b"host": b"evil.example"}), FAR))
    assert (code, what, story.counted) == ("P330", "this server is not called `evil.example`", ["page"])
    named = Story(asks=False, local=True, hosts=("Churn.Example",))
    assert named.guard.caller(request({b"host": b"churn.example"}), FAR) == ANYBODY
    cross = request({b"host": b"localhost", b"sec-fetch-site": b"cross-site"})
    assert story.refused(lambda: story.guard.caller(cross, FAR))[0] == "P330"


def test_a_share_is_that_of_the_principal_or_of_the_address():
    shares = Shares(3, 10)
    guard = Story(shares=shares).guard
    assert guard.begin(CI, {}, FAR) == "key:ci"
    guard.rows("key:ci", 4, {}, FAR)
    guard.end("key:ci")
    assert guard.begin(ANYBODY, {b"x-forwarded-for": b"198.51.100.1"}, FAR) == "address:198.51.100.1"
    assert shares.told == [
        ("begin", "key:ci"), ("rows", "key:ci", 4), ("end", "key:ci"), ("begin", "address:198.51.100.1"),
    ]  # fmt: skip
    assert Story().guard.begin(CI, {}, FAR) == ""


def test_a_share_that_is_used_up_says_when_there_is_more():
    story = Story(shares=Shares(1, 2))
    story.guard.begin(CI, {}, FAR)
    code, what, headers = story.refused(lambda: story.guard.begin(CI, {}, FAR))
    assert (code, what, headers) == (
        "P333", "`key:ci` has had its share of requests: 3 per 1 second", {b"retry-after": b"3"},
    )  # fmt: skip
    assert story.counted == ["requests"]
    never = Story(shares=Shares(1, 2, inf))
    assert never.refused(lambda: never.guard.rows("key:ci", 3, {}, FAR))[2] == {}
    assert never.counted == ["rows"]


def test_a_thread_waits_until_the_keys_are_there():
    story = Story()
    told = []
    story.tokens.when_fresh = lambda tell: (told.append(1), story.tokens.known.update(w=Known(BOB)), tell()) and True
    assert story.guard.insist(bearer("w"), FAR) == BOB
    assert told == [1]
    story.tokens.known.update(w=None)
    story.tokens.when_fresh = lambda _tell: False  # too many wait
    assert story.refused(lambda: story.guard.insist(bearer("w"), FAR))[0] == "P331"


def test_what_changes_on_the_disk_is_looked_at_and_what_is_written_is_flushed():
    story = Story(shares=Shares(1, 1))
    looked = []
    story.keys.look = lambda: looked.append(1)
    story.tokens.start, story.tokens.close = lambda: looked.append(2), lambda: looked.append(3)
    story.guard.attach(4)
    story.guard.look()
    story.guard.close()
    assert (looked, story.audit.flushed) == ([2, 1, 3], 2)


def test_a_socket_of_this_machine_has_no_address():
    assert Peer("", None) == LOCAL

"""Who is let in over gRPC, against whose share it counts, and what of an error it is told."""

from types import SimpleNamespace

import pytest
from tests.unit.server.flights.conftest import Pair
from tests.unit.server.guard.test_guard import BOB, CI, FAR, Shares, Story
from tests.unit.server.guard.test_identity import bearer

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.traffic import Split, point_of
from trimtab.server.dataplane import InferRequest
from trimtab.server.faults import ModelError, OverloadedError, TurnedAwayError
from trimtab.server.grpc.entrance import Entrance, Visit, retry_ms, told
from trimtab.server.guard.keys.text import PREFIX
from trimtab.server.guard.peer import LOCAL
from trimtab.server.guard.principal import ANYBODY, NOBODY, Grant, Principal
from trimtab.server.journal.trail import Trail

KEY = ("authorization", f"Bearer {PREFIX}a")


@pytest.fixture
def pair():
    return Pair()


def context(*metadata, peer="unix-abstract:linked"):
    return SimpleNamespace(invocation_metadata=lambda: metadata, peer=lambda: peer)


def entrance(**story):
    made = Story(**story)
    return Entrance(made.guard, {"linked": FAR}.get), made


def test_whoever_did_not_come_through_the_front_is_nobody():
    one, _ = entrance()
    assert one.peer(context()) == FAR
    assert one.peer(context(peer="unix-abstract:other")) is None
    assert one.peer(context(peer="ipv4:127.0.0.1:80")) is None


def test_a_caller_is_known_by_the_headers_that_the_guard_reads_and_no_others():
    one, _ = entrance()
    visit = one.visit(context(KEY, ("x-forwarded-for", "1.2.3.4"), ("cookie", "x"), ("a-bin", b"\xff")), FAR, "infer")
    assert visit.caller == CI
    assert visit.headers == bearer(f"{PREFIX}a") | {b"x-forwarded-for": b"1.2.3.4"}
    with pytest.raises(TurnedAwayError, match="P331"):  # as two in one head of HTTP
        one.visit(context(KEY, KEY), FAR, "infer")
    with pytest.raises(TurnedAwayError, match="P331"):
        one.visit(context(), FAR, "read")


def test_what_needs_nothing_asks_nobody():
    one, story = entrance()
    assert one.visit(context(("authorization", "Bearer bad")), FAR, None).caller == NOBODY
    assert story.counted == []
    one, _ = entrance(asks=False)
    assert one.visit(context(), FAR, None).caller == ANYBODY


def test_it_counts_against_the_share_of_the_caller_until_it_is_answered():
    shares = Shares(2, 5)
    one, _ = entrance(shares=shares)
    visit = Visit(FAR, {}, CI)
    one.let_in(visit, "infer", "churn")
    one.rows(visit, 5)
    with pytest.raises(TurnedAwayError, match="P333") as caught:
        one.rows(visit, 1)
    one.end(visit)
    assert [what[0] for what in shares.told] == ["begin", "rows", "rows", "end"]
    assert retry_ms(caught.value) == 3000
    unknown = Visit(FAR, {}, CI)
    with pytest.raises(TurnedAwayError, match="P332"):
        one.let_in(unknown, "infer", "other")
    one.rows(unknown, 1)
    one.end(unknown)
    assert len(shares.told) == 4
    reading = Visit(FAR, {}, CI)
    one.let_in(reading, "read", "churn")
    assert (reading.share, len(shares.told)) == ("", 4)


def test_only_its_operators_learn_why_a_model_failed_and_only_readers_which_others_there_are():
    error = ModelError(Problem("P318", "model `m` failed"), "ValueError: secret")
    operator = Principal("key:o", (Grant("operate", "m"),))
    assert told(error, Visit(LOCAL, {}, operator, "m"))[0].what == "model `m` failed: ValueError: secret"
    assert told(error, Visit(LOCAL, {}, operator, "n"))[0].what == "model `m` failed"
    assert told(error, Visit(LOCAL, {}, ANYBODY, "m"))[0].what == "model `m` failed"
    assert told(error, None) == error.problems
    missing = UserError(Problem("P312", "no model `x`", hint="valid: `churn`"))
    assert told(missing, Visit(LOCAL, {}, CI))[0].hint == "valid: `churn`"
    assert told(missing, Visit(LOCAL, {}, BOB))[0].hint == ""
    assert retry_ms(OutsideError(Problem("P317", "x"))) == 1000


def flown(visit, one, pair, *metadata, version=""):
    """The request of a call, with the arm that it is given."""
    pair.arms.champion.arms = pair.arms
    plane = SimpleNamespace(endpoints={"m": pair.arms.champion})
    request = InferRequest("m", {"x": [1.0]}, "mine", version)
    return one.assign(visit, plane, context(*metadata), request, "i")


def test_a_call_has_an_arm_while_a_flight_is_on(pair):
    one, _ = entrance()
    visit = Visit(FAR, {}, Principal("key:ci", (Grant("operate", "m"),)), "m")
    assert one.assign(visit, SimpleNamespace(endpoints={}), context(), "as it is", "i") == "as it is"
    assert visit.flown == ()
    visit.trail = Trail("i", None, "grpc", "")
    assert flown(visit, one, pair).version == ""
    assert visit.flown == (("x-trimtab-revision", "old"),)
    assert flown(visit, one, pair, ("x-trimtab-arm", "challenger")).version == "new"
    assert (visit.trail.endpoint, visit.trail.arm, visit.trail.probability) == (pair.arms.challenger, "challenger", 1.0)
    point = point_of("f", b"u1")
    pair.steer(point * 1.001, split=Split("header", "x-user"))
    assert flown(visit, one, pair, ("x-user", "u1")).version == "new"
    visit.told(SimpleNamespace(outputs="outputs"))
    assert visit.turn.outputs == "outputs"


def test_only_some_threads_wait_for_a_challenger(pair):
    one = Entrance(Story().guard, {}.get, beside=1)
    pilot = Principal("key:ci", (Grant("operate", "m"),))
    first, second = Visit(FAR, {}, pilot, "m"), Visit(FAR, {}, pilot, "m")
    pick = ("x-trimtab-arm", "challenger")
    flown(first, one, pair, pick)
    with pytest.raises(OverloadedError, match="P317"):
        flown(second, one, pair, pick)
    one.end(second)
    one.end(first)
    one.end(first)
    assert flown(second, one, pair, pick).version == "new"

"""A model that is more than a call of the kernels: read on the lane, and then in the queue like all others."""

import gc
import gzip
import json
import weakref
from dataclasses import replace

import numpy as np
import pytest
from tests.doubles.kept import Kept
from tests.doubles.laned import Server, columns, endpoint_of, foreign, matrix, tensors

from trimtab.bundle.kernels import library
from trimtab.core.errors import Problem
from trimtab.core.signature import Field
from trimtab.server.faults import OverloadedError
from trimtab.server.settings import Settings

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
MATRIX = matrix("FP32")
BODY = tensors(("x", "FP32", [1, 3], "[1,2,3]"))


class Story(Server):
    """One caller, whose first request was read in full; the queue is in the test's hands."""

    def __init__(self, signature=MATRIX, body=BODY, model=foreign, **settings):
        super().__init__(endpoint_of(signature, model), Settings(**settings))
        self.caller = self.connect()
        self.waiting = []
        self.endpoint.at_once = None
        self.caller.asks(body)
        self.endpoint.batcher._soon = self.waiting.append

    def says(self, body=BODY, more=""):
        """Whether the lane took it, and what was answered at once."""
        before = self.asked
        found = self.caller.asks(body, more)
        return self.asked == before, found

    def turn(self):
        turns, self.waiting[:] = list(self.waiting), []
        for turn in turns:
            turn()
        return self.caller.heard()


def status(answers):
    return [int(answer.split()[1]) for answer in answers]


def test_it_waits_for_its_turn_and_is_answered_as_otherwise():
    story = Story()
    assert story.says() == (True, [])
    (found,) = story.turn()
    assert found.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(found.partition(b"\r\n\r\n")[2])["outputs"][0]["data"] == [-2.75]
    story.endpoint.batcher._soon = lambda turn: turn()
    assert story.connect(lanes=False).asks(BODY) == [found]


def test_requests_that_come_together_share_a_call():
    story = Story()
    for _ in range(64):
        story.endpoint.curve.note(64, 1e-6)  # rows cost next to nothing beside others
    others = [story.connect() for _ in range(3)]
    for caller in others:
        assert caller.asks(BODY) == []
    assert (story.endpoint.batcher.waiting, len(story.waiting)) == (3, 1)
    story.turn()
    assert [status(caller.heard()) for caller in others] == [[200]] * 3
    assert story.endpoint.batcher.joined > 1


def test_a_request_behind_one_that_waits_is_read_in_full_and_keeps_its_place():
    story = Story()
    assert story.says() == (True, [])
    assert story.says(BODY.replace(b"[1,2,3]", b"[4,5,6]")) == (False, [])
    first, second = story.turn()
    assert [json.loads(one.partition(b"\r\n\r\n")[2])["outputs"][0]["data"] for one in (first, second)] == [
        [-2.75], [-6.5]
    ]  # fmt: skip


def test_what_the_model_refuses_is_told_as_otherwise():
    story = Story()
    far = BODY.replace(b"[1,2,3]", b"[9e6,0,0]")
    story.endpoint.batcher._soon = lambda turn: turn()
    story.caller.asks(far)
    before = story.asked
    fast = story.caller.asks(far)
    assert story.asked == before
    assert status(fast) == [500]
    assert fast == story.connect(lanes=False).asks(far)


def test_who_has_gone_is_not_asked_for():
    story = Story()
    before = story.plane.pending
    story.says()
    assert story.plane.pending == before + 1
    story.caller.listener.connection_lost(None)
    assert story.plane.pending == before
    assert story.turn() == []


def test_one_that_would_wait_too_long_is_refused_the_other_way(monkeypatch):
    story = Story()
    monkeypatch.setattr(type(story.endpoint.batcher), "full_for", lambda _self, _patience_s: True)
    taken, answers = story.says()
    assert (taken, status(answers)) == (False, [503])


def test_a_refusal_of_the_queue_itself_is_an_answer(monkeypatch):
    story = Story()

    def full(_call):
        raise OverloadedError(Problem("P317", "too many"))

    monkeypatch.setattr(story.endpoint, "submit", full)
    taken, answers = story.says()
    assert (taken, status(answers)) == (True, [503])
    assert story.counted() == [line for line in story.counted() if "in_flight" not in line]


@pytest.mark.parametrize("how", ["stopping", "unfit", "flight", "length"])
def test_whatever_is_not_as_it_was_is_read_in_full(how):
    story = Story()
    body = BODY
    if how == "stopping":
        story.plane.stopping = True
    elif how == "unfit":
        story.endpoint.state = "unfit"
    elif how == "length":
        body += b" "
    else:
        story.endpoint.reading.table = lambda *_: None
    assert story.says(body)[0] is False


TOGETHER = tensors(("x", "FP32", [2, 3], "[0.5,-2,3,4,5,6]"))
APART = tensors(*((name, "FP64", [2], "[0.5,-2]") for name in "abc"))


@pytest.mark.parametrize("settings", [{}, {"errors": 0.5}, {"subject": "a"}, {"dropped": {"x", "a"}}])
@pytest.mark.parametrize(("signature", "body"), [(matrix("FP32"), TOGETHER), (columns(), APART)])
@pytest.mark.parametrize(("number", "says"), [(b"1.5", 200), (b"9e6", 500), (b"NaN", 400)])
def test_its_answer_and_its_record_are_those_of_any_other(signature, body, number, says, settings):
    fast, slow = Story(signature, body), Story(signature, body)
    slow.caller = slow.connect(lanes=False)
    kept = [Kept(one, signature, **settings) for one in (fast, slow)]
    answers = []
    for one in (fast, slow):
        one.plane.recorder._chance = lambda: 0.2
        one.endpoint.batcher._soon = lambda turn: turn()
        asked = body.replace(b"0.5", number)
        for more in ("x-request-id: mine\r\n", "x-request-id: yours\r\n", "accept-encoding: gzip\r\n", ""):
            one.caller.asks(body, more)
            before = one.asked
            answers.append(one.caller.asks(asked, more))
            assert (one.asked == before) == (one is fast and says != 400)
    assert answers[:4] == answers[4:]
    assert status(answers[0]) == [says]
    assert kept[0].news() == kept[1].news()
    assert fast.counted() == slow.counted()


@pytest.mark.parametrize("outcome", ["kept", "lost", "refused"])
def test_it_leaves_when_it_is_known_what_became_of_its_record(outcome):
    fast, slow = Story(), Story()
    slow.caller = slow.connect(lanes=False)
    found = []
    for one in (fast, slow):
        kept = Kept(one, one.endpoint.signature)
        one.endpoint.batcher._soon = lambda turn: turn()
        one.caller.asks(BODY, "x-request-id: mine\r\n")
        kept.scribe.outcome = None
        assert one.caller.asks(BODY, "x-request-id: mine\r\n") == []
        (later,) = kept.scribe.waiting
        later(outcome)
        found.append((one.caller.heard(), one.counted()))
    assert found[0] == found[1]
    assert status(found[0][0]) == [503 if outcome == "refused" else 200]


@pytest.mark.parametrize("answer", ["nan", "long", "two"])
def test_an_answer_that_is_not_plain_is_written_as_otherwise(answer):
    def model(prepared):
        y = foreign(prepared)["y"]
        return {"y": y * np.nan if answer == "nan" else y} | ({"z": y} if answer == "two" else {})

    signature = matrix("FP32")
    if answer == "two":
        signature = replace(signature, outputs=(*signature.outputs, Field("z", "FP64")))
    settings = {"compress_above": 10} if answer == "long" else {}
    fast, slow = Story(signature, model=model, **settings), Story(signature, model=model, **settings)
    slow.caller = slow.connect(lanes=False)
    found = []
    for one in (fast, slow):
        one.endpoint.batcher._soon = lambda turn: turn()
        one.caller.asks(BODY, "accept-encoding: gzip\r\n")
        before = one.asked
        found.append(one.caller.asks(BODY, "accept-encoding: gzip\r\n"))
        assert (one.asked == before) == (one is fast)
    assert plainly(*found[0]) == plainly(*found[1])
    assert (b"content-encoding: gzip" in found[0][0]) == (answer == "long")


def plainly(answer):
    """Head and body, which is packed where the head says so; without the id."""
    head, _, body = answer.partition(b"\r\n\r\n")
    said = json.loads(gzip.decompress(body) if b"gzip" in head else body)
    return head, said | {"id": ""}


def test_where_nothing_leaves_without_a_record_it_is_refused_the_other_way():
    story = Story()
    kept = Kept(story, story.endpoint.signature)
    story.endpoint.batcher._soon = lambda turn: turn()
    story.caller.asks(BODY, "x-request-id: mine\r\n")

    def no_room():
        raise OverloadedError(Problem("P350", "no room"))

    kept.scribe.strict, kept.scribe.require = True, no_room
    taken, answers = story.says(BODY, "x-request-id: mine\r\n")
    assert (taken, status(answers)) == (False, [503])


@pytest.mark.parametrize("more", ["", "accept-encoding: gzip\r\n"])
def test_the_numbers_of_the_request_that_taught_it_are_not_kept(more):
    story = Story()
    story.endpoint.batcher._soon = lambda turn: turn()
    alive = []
    learn = story.app.lanes.learn

    def seen(http, exchange, *rest):
        learn(http, exchange, *rest)
        alive.extend(weakref.ref(column.values) for column in exchange.request.columns.values())

    story.app.lanes.learn = seen
    story.caller.asks(BODY, f"x-other: 1\r\n{more}")
    gc.collect()
    assert story.says(BODY, f"x-other: 1\r\n{more}")[0]
    assert [ref() for ref in alive] == [None]

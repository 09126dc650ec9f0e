"""A model that is more than a call of the kernels: read on the lane, and then in the queue like all others."""

import gc
import json
import weakref

import pytest
from tests.doubles.kept import Kept
from tests.doubles.queueing import BODY, Story, status

from trimtab.bundle.kernels import library
from trimtab.core.errors import Problem
from trimtab.server.faults import OverloadedError

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)


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


def test_one_that_would_wait_too_long_is_refused_the_other_way(monkeypatch):
    story = Story()
    monkeypatch.setattr(type(story.endpoint.batcher), "full_for", lambda _self, _patience_s: True)
    taken, answers = story.says()
    assert (taken, status(answers)) == (False, [503])


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

"""One request after it was read: its answer, its record and its count, whichever way it takes."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from tests.doubles.kept import Kept
from tests.doubles.laned import columns, foreign, matrix, tensors
from tests.doubles.queueing import BODY, MATRIX, Story, status

from trimtab.bundle.kernels import library
from trimtab.core.errors import Problem
from trimtab.core.signature import Field
from trimtab.server.faults import OverloadedError

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
TOGETHER = tensors(("x", "FP32", [2, 3], "[0.5,-2,3,4,5,6]"))
APART = tensors(*((name, "FP64", [2], "[0.5,-2]") for name in "abc"))


@pytest.fixture(params=[False, True], ids=["in the queue", "together"])
def together(request):
    return request.param


def test_who_has_gone_is_not_asked_for(together):
    asked = []
    story = Story(model=lambda rows: asked.append(len(rows)) or foreign(rows), together=together)
    kept = Kept(story, MATRIX)
    story.hears(BODY, "x-request-id: mine\r\n")
    kept.news()
    before, pending = story.counted(), story.plane.pending
    asked.clear()
    story.says(BODY, "x-request-id: mine\r\n")
    assert (asked, story.counted()) == ([], [*before, "trimtab_in_flight 1.0"])
    story.caller.listener.connection_lost(None)
    assert story.turn() == []
    assert (asked, story.plane.pending) == ([], pending)
    assert [(one.status, said["x"][1]) for one, said, _ in kept.news()] == [(499, (1, 3))]


def test_a_refusal_of_the_queue_itself_is_an_answer(monkeypatch):
    story = Story()

    def full(_call):
        raise OverloadedError(Problem("P317", "too many"))

    monkeypatch.setattr(story.endpoint, "submit", full)
    taken, answers = story.says()
    assert (taken, status(answers)) == (True, [503])
    assert story.counted() == [line for line in story.counted() if "in_flight" not in line]


@pytest.mark.parametrize("settings", [{}, {"errors": 0.5}, {"subject": "a"}, {"dropped": {"x", "a"}}])
@pytest.mark.parametrize(("signature", "body"), [(matrix("FP32"), TOGETHER), (columns(), APART)])
@pytest.mark.parametrize(("number", "says"), [(b"1.5", 200), (b"9e6", 500), (b"NaN", 400)])
def test_its_answer_and_its_record_are_those_of_any_other(signature, body, number, says, settings, together):
    fast, slow = Story(signature, body, together=together), Story(signature, body)
    slow.caller = slow.connect(lanes=False)
    kept = [Kept(one, signature, **settings) for one in (fast, slow)]
    answers = []
    for one in (fast, slow):
        one.plane.recorder._chance = lambda: 0.2
        asked = body.replace(b"0.5", number)
        for more in ("x-request-id: mine\r\n", "x-request-id: yours\r\n", "accept-encoding: gzip\r\n", ""):
            one.hears(body, more)
            before = one.asked
            answers.append(one.hears(asked, more))
            assert (one.asked == before) == (one is fast and says != 400)
    assert answers[:4] == answers[4:]
    assert status(answers[0]) == [says]
    assert kept[0].news() == kept[1].news()
    assert fast.counted() == slow.counted()


@pytest.mark.parametrize("outcome", ["kept", "lost", "refused"])
def test_it_leaves_when_it_is_known_what_became_of_its_record(outcome, together):
    fast, slow = Story(together=together), Story()
    slow.caller = slow.connect(lanes=False)
    found = []
    for one in (fast, slow):
        kept = Kept(one, one.endpoint.signature)
        one.hears(BODY, "x-request-id: mine\r\n")
        kept.scribe.outcome = None
        assert one.hears(BODY, "x-request-id: mine\r\n") == []
        (later,) = kept.scribe.waiting
        later(outcome)
        found.append((one.caller.heard(), one.counted()))
    assert found[0] == found[1]
    assert status(found[0][0]) == [503 if outcome == "refused" else 200]


@pytest.mark.parametrize("answer", ["nan", "long", "two"])
def test_an_answer_that_is_not_plain_is_written_as_otherwise(answer, together):
    def model(prepared):
        y = foreign(prepared)["y"]
        return {"y": y * np.nan if answer == "nan" else y} | ({"z": y} if answer == "two" else {})

    signature = matrix("FP32")
    if answer == "two":
        signature = replace(signature, outputs=(*signature.outputs, Field("z", "FP64")))
    settings = {"compress_above": 10} if answer == "long" else {}
    fast = Story(signature, model=model, together=together, **settings)
    slow = Story(signature, model=model, **settings)
    slow.caller = slow.connect(lanes=False)
    found = []
    for one in (fast, slow):
        one.hears(BODY, "accept-encoding: gzip\r\n")
        before = one.asked
        found.append(one.hears(BODY, "accept-encoding: gzip\r\n"))
        assert (one.asked == before) == (one is fast)
    assert plainly(*found[0]) == plainly(*found[1])
    assert (b"content-encoding: gzip" in found[0][0]) == (answer == "long")


def plainly(answer):
    """Head and body, which is packed where the head says so; without the id."""
    head, _, body = answer.partition(b"\r\n\r\n")
    said = json.loads(gzip.decompress(body) if b"gzip" in head else body)
    return head, said | {"id": ""}

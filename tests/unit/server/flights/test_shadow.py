"""A shadow in memory: what waits, what is dropped first, and what becomes of answers."""

from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.server.flights.shadow import Shadow
from trimtab.server.flights.tally import counts_of
from trimtab.server.guard.principal import ANYBODY

OUTPUTS = {"y": np.array([2.0]), "label": np.array(["a"], object)}
LOST = OutsideError(Problem("P318", "the model failed"))


class Queue:
    """In front of a model that answers when the test says so."""

    def __init__(self):
        self.idle, self.calls = True, []

    def submit(self, call):
        self.calls.append(call)


class Recorder:
    def __init__(self):
        self.kept = []

    def begin(self, caller, endpoint, dialect):
        return SimpleNamespace(caller=caller, endpoint=endpoint, dialect=dialect, error="")

    def end(self, trail, status, _seconds, _later):
        self.kept.append((trail, status))


class Story:
    def __init__(self, pair, timers):
        self.pair, self.arms, self.timers = pair, pair.arms, timers
        self.champion, self.challenger = Queue(), Queue()
        pair.arms.champion.batcher, pair.arms.challenger.batcher = self.champion, self.challenger
        self.recorder = Recorder()
        settings = SimpleNamespace(answer_timeout_s=30.0)
        timers.call_soon = lambda call: timers.call_later(0.0, call)
        timers.run_in_executor = self.run
        self.shadow = Shadow(pair.arms, SimpleNamespace(settings=settings, recorder=self.recorder), timers)

    def run(self, _executor, job, *words):
        done = SimpleNamespace(result=lambda: job(*words), cancelled=lambda: False)
        return SimpleNamespace(add_done_callback=lambda told: told(done))

    def offer(self, own_id="i", outputs=OUTPUTS, **columns):
        request = self.pair.asked(own_id, columns or None).request
        self.shadow.offer(request, outputs, 0.5, own_id, ANYBODY)

    def passes(self, seconds=0.0):
        self.timers.passes(seconds)

    def counts(self):
        return counts_of(self.pair.page.parts, self.arms.layout)


@pytest.fixture
def story(pair, timers):
    return Story(pair, timers)


def test_an_answer_is_compared_and_kept_as_what_nobody_saw(story):
    story.offer("seen")
    assert story.challenger.calls == []  # nothing is asked while the answer is on its way
    story.passes()
    [call] = story.challenger.calls
    call.settle({"y": np.array([2.0]), "label": np.array(["b"], object)})
    counts = story.counts()
    assert (counts.mirrored, counts.compared, counts.disagreed, counts.failed) == (1, 1, 1, 0)
    [(trail, status)] = story.recorder.kept
    assert (trail.dialect, trail.arm, trail.probability, trail.request_id) == ("shadow", "challenger", 0.5, "seen")
    assert (trail.endpoint, status, trail.caller) == (story.arms.challenger, 200, ANYBODY)


def test_many_rows_are_compared_elsewhere(story):
    values = np.arange(100.0)
    labels = np.array(["a"] * 100, object)
    story.offer("i", {"y": values, "label": labels}, x=values.tolist(), town=["Bern"] * 100)
    story.passes()
    story.challenger.calls[0].settle({"y": values, "label": labels})
    assert (story.counts().compared, story.counts().disagreed) == (1, 0)


def test_an_error_is_a_failure(story):
    story.offer()
    story.passes()
    story.challenger.calls[0].settle(LOST)
    story.offer("i", OUTPUTS, x=["no number"], town=["Bern"])
    story.passes()
    assert (story.counts().failed, story.counts().compared) == (2, 0)
    assert [(trail.error, status) for trail, status in story.recorder.kept] == [("P318", 500), ("P301", 422)]


def test_one_that_hangs_takes_one_of_few_places_until_it_is_too_late(story):
    for at in range(10):
        story.offer(f"{at}")
    story.passes()
    assert len(story.challenger.calls) == 4
    story.passes(1.9)
    assert (len(story.challenger.calls), story.counts().failed) == (4, 0)
    story.passes(0.2)  # the others have waited too long
    counts = story.counts()
    assert (counts.failed, counts.dropped, counts.mirrored) == (4, 6, 4)


@pytest.mark.parametrize("busy", ["champion", "challenger"])
def test_nothing_is_asked_while_somebody_waits(story, busy):
    queue = getattr(story, busy)
    queue.idle = False
    story.offer()
    story.passes(0.5)
    assert story.challenger.calls == []
    queue.idle = True
    story.passes(0.01)
    assert len(story.challenger.calls) == 1


def test_what_is_too_much_is_dropped_at_once(story):
    story.champion.idle = False
    for at in range(70):
        story.offer(f"{at}")
    assert story.counts().dropped == 6
    story.offer("long", {"y": np.zeros(5000)})
    assert story.counts().dropped == 7


def test_a_challenger_that_is_not_ready_is_not_asked(story):
    story.arms.challenger.state = "unfit"
    story.offer()
    story.passes()
    assert (story.counts().dropped, story.counts().mirrored) == (1, 0)


def test_native_code_has_a_queue_of_its_own(story):
    story.arms.challenger.aside = Queue()
    story.offer()
    story.passes()
    assert (len(story.arms.challenger.aside.calls), story.challenger.calls) == (1, [])

"""Whatever runs together, each request gets the answer that it gets alone: any mix of good and bad, of any sizes."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Column, Table
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.batching.call import Call
from trimtab.server.batching.curve import Curve
from trimtab.server.engines import Done, Failed

RAISES, SHORT, CRASHES, HANGS, NAN = 13.0, 14.0, 15.0, 16.0, np.nan


class Engine:
    """Runs tables in so many places; a table ends when the test says so. Rows decide what happens."""

    def __init__(self, places: int) -> None:
        self.free = places
        self.running: deque = deque()
        self.heights: list[int] = []

    def start(self, table, patience_s, ended):
        assert self.free > 0
        assert patience_s > 0
        self.free -= 1
        self.heights.append(table.height)
        self.running.append((table, ended))

    def end(self, at: int) -> None:
        """The call at this place in the order of starting ends."""
        self.running.rotate(-at)
        table, ended = self.running.popleft()
        self.running.rotate(at)
        self.free += 1
        ended(outcome(table))

    def close(self) -> None:
        """Nothing to let go of."""


def outcome(table):
    x = table.columns["x"].values
    for how, word in (("crashed", CRASHES), ("hung", HANGS), ("raised", RAISES)):
        if (x == word).any():
            return Failed(how, "what the log is told")
    answers = x * 2
    return Done({"y": answers[1:] if (x == SHORT).any() else answers}, 0.001 * len(x))


def alone(rows):
    """What these rows get when nothing else is there."""
    got = outcome(Table({"x": Column(np.array(rows))}, len(rows)))
    complete = isinstance(got, Done) and len(got.outputs["y"]) == len(rows)
    return got.outputs["y"].tolist() if complete else None


def failed(_call, what):
    return OutsideError(Problem("P318", what.what))


ROWS = st.lists(
    st.one_of(st.floats(-1e6, 1e6).filter(lambda x: x not in (RAISES, SHORT, CRASHES, HANGS)), st.just(NAN)),
    min_size=1,
    max_size=40,
)
BAD = st.sampled_from([RAISES, SHORT, CRASHES, HANGS])


@st.composite
def requests(draw):
    rows = draw(ROWS)
    if draw(st.integers(0, 3)) == 0:
        rows[draw(st.integers(0, len(rows) - 1))] = draw(BAD)
    return rows


class Story:
    """A batcher, an engine and callers; each step is one of the things that can happen next."""

    def __init__(self, asked, places, most):
        self.engine = Engine(places)
        self.soon: deque = deque()
        self.batcher = Batcher(self.engine, BatchLimits(rows=most), Curve(), self.soon.append, failed, frozenset({"y"}))
        self.coming = deque(enumerate(asked))
        self.calls: dict[int, Call] = {}
        self.answers: dict[int, object] = {}
        self.left: set[int] = set()

    @property
    def goes_on(self) -> bool:
        return bool(self.coming or self.soon or self.engine.running)

    def come(self) -> None:
        number, rows = self.coming.popleft()
        table = Table({"x": Column(np.array(rows))}, len(rows))
        call = Call(table, 1e9, lambda got: self.answers.setdefault(number, got))
        self.calls[number] = call
        self.batcher.submit(call)

    def leave(self, number: int) -> None:
        if number not in self.answers:
            self.left.add(number)
            self.calls[number].settle(OutsideError(Problem("P325", "left")))

    def step(self, data) -> None:
        doing = data.draw(st.sampled_from(["come", "end", "leave", "turn"]))
        if doing == "leave" and self.calls:
            self.leave(data.draw(st.sampled_from(sorted(self.calls))))
        elif doing == "end" and self.engine.running:
            self.engine.end(data.draw(st.integers(0, len(self.engine.running) - 1)))
        elif doing == "come" and self.coming:
            self.come()
        else:
            self.go_on()

    def go_on(self) -> None:
        if self.soon:
            self.soon.popleft()()
        elif self.engine.running:
            self.engine.end(0)
        elif self.coming:
            self.come()


@given(st.lists(requests(), min_size=1, max_size=30), st.integers(1, 3), st.sampled_from([1, 8, 1024]), st.data())
def test_each_request_gets_its_own_answer_as_if_alone(asked, places, most, data):
    story = Story(asked, places, most)
    while story.goes_on:
        story.step(data)
    assert sorted(story.answers) == list(range(len(asked)))
    for number, rows in enumerate(asked):
        got, expected = story.answers[number], alone(rows)
        if number in story.left or expected is None:
            assert isinstance(got, OutsideError)
        else:
            np.testing.assert_array_equal(got["y"], np.array(expected))
    assert story.batcher.waiting == 0

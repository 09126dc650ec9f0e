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


def failed(call, what):
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


@given(st.lists(requests(), min_size=1, max_size=30), st.integers(1, 3), st.sampled_from([1, 8, 1024]), st.data())
def test_each_request_gets_its_own_answer_as_if_alone(asked, places, most, data):
    engine = Engine(places)
    soon: deque = deque()
    batcher = Batcher(engine, BatchLimits(rows=most), Curve(), soon.append, failed, frozenset({"y"}))
    answers: dict[int, object] = {}
    left: set[int] = set()
    waiting = deque(enumerate(asked))
    calls = {}
    while waiting or soon or engine.running:
        doing = data.draw(st.integers(0, 3))
        if doing == 0 and waiting:
            number, rows = waiting.popleft()
            table = Table({"x": Column(np.array(rows))}, len(rows))
            calls[number] = Call(table, 1e9, lambda got, number=number: answers.setdefault(number, got))
            batcher.submit(calls[number])
        elif doing == 1 and engine.running:
            engine.end(data.draw(st.integers(0, len(engine.running) - 1)))
        elif doing == 2 and calls and data.draw(st.booleans()):
            number = data.draw(st.sampled_from(sorted(calls)))
            if number not in answers:
                left.add(number)
                calls[number].settle(OutsideError(Problem("P325", "left")))
        elif soon:
            soon.popleft()()
        elif engine.running:
            engine.end(0)
        elif waiting:
            number, rows = waiting.popleft()
            table = Table({"x": Column(np.array(rows))}, len(rows))
            calls[number] = Call(table, 1e9, lambda got, number=number: answers.setdefault(number, got))
            batcher.submit(calls[number])
    assert sorted(answers) == list(range(len(asked)))
    for number, rows in enumerate(asked):
        got, expected = answers[number], alone(rows)
        if number in left:
            assert isinstance(got, OutsideError)
        elif expected is None:
            assert isinstance(got, OutsideError)
        else:
            np.testing.assert_array_equal(got["y"], np.array(expected))
    assert batcher.waiting == 0

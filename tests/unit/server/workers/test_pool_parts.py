"""The pool part by part: one message each way, and the word of whoever takes the parts."""

import struct
import threading
import time
from types import SimpleNamespace

import numpy as np

from trimtab.core.table import Column, Table
from trimtab.server.engines import Word
from trimtab.server.workers.child import PART, work
from trimtab.server.workers.codec import pack_arrays

TABLE = Table({"x": Column(np.arange(3.0))}, 3)


class Parts:
    """Two parts and the end, as a predictor has them."""

    def parts(self, table):
        yield {"y": table.columns["x"].values}
        yield {"y": table.columns["x"].values + 1}


class Tale:
    """A streamed call of a pool of one; its worker answers in this process."""

    def __init__(self, story, predictor=None):
        self.tale, self.parts, self.outcomes = story().ready(1), [], []
        self.tale.pool.start(TABLE, 2.0, self.outcomes.append, lambda *part: self.parts.append(part))
        self.line = self.tale.nursery.lines[1]
        self.worker = threading.Thread(target=work, args=(self.line, predictor or Parts()), daemon=True)
        self.worker.start()
        self.tale.threads.append(self.worker)

    def turn_until(self, holds):
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end
            self.tale.loop.turn()


def test_parts_come_one_by_one_each_with_time_of_its_own(story):
    told = Tale(story)
    for count in (1, 2):
        told.turn_until(lambda count=count: len(told.parts) == count)
        outputs, word = told.parts[-1]
        assert outputs["y"].tolist() == [count - 1.0, count, count + 1.0]
        assert told.tale.loop.timers == []  # the time is the reader's
        word(Word.GO_ON)
        word(Word.GO_ON)  # said once
        assert len(told.tale.loop.timers) == 1
    told.turn_until(lambda: told.outcomes)
    (outcome,) = told.outcomes
    assert (outcome.outputs, told.tale.pool.free, told.tale.loop.timers) == ({}, 1, [])
    word(Word.STOP)  # too late: it runs nothing
    assert told.tale.pool.free == 1


def test_stop_ends_the_call_and_frees_the_worker(story):
    told = Tale(story)
    told.turn_until(lambda: told.parts)
    told.parts[0][1](Word.STOP)
    told.turn_until(lambda: told.outcomes)
    assert (len(told.parts), told.outcomes[0].outputs, told.tale.pool.free) == (1, {}, 1)


def test_a_part_that_cannot_travel_ends_the_call(story):
    told = Tale(story, SimpleNamespace(parts=lambda _table: iter_of({"y": np.array([object()], object)})))
    told.turn_until(lambda: told.outcomes)
    assert told.outcomes[0].what.startswith("the answer cannot leave its process")
    assert told.parts == []


def iter_of(*parts):
    yield from parts


def test_one_that_dies_between_parts_ends_its_call_and_hears_no_word(story):
    tale, parts = story().ready(1), []
    tale.pool.start(TABLE, 2.0, tale.outcomes.append, lambda *part: parts.append(part))
    tale.nursery.lines[1].send(PART, [struct.pack("<d8x", 0.1), *pack_arrays({"y": np.ones(3)}, 0)])
    tale.loop.turn()
    tale.nursery.lines.pop(1).close()
    parts[0][1](Word.GO_ON)  # the line is found dead
    assert [outcome.how for outcome in tale.outcomes] == ["crashed"]
    parts[0][1](Word.STOP)
    assert len(tale.outcomes) == 1


def test_one_that_takes_too_long_for_its_next_part_has_hung(story):
    tale, parts = story().ready(1), []
    tale.pool.start(TABLE, 2.0, tale.outcomes.append, lambda *part: parts.append(part))
    tale.nursery.lines[1].send(PART, [struct.pack("<d8x", 0.1), *pack_arrays({"y": np.ones(3)}, 0)])
    tale.loop.turn()
    tale.loop.turn(100.0)
    assert tale.nursery.killed == []
    parts[0][1](Word.GO_ON)
    tale.loop.turn(2.1)
    assert tale.nursery.killed == [1]

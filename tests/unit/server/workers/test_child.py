"""A worker's loop, at the other end of a channel in the same process; and what the server makes of its messages."""

import contextlib
import struct
import threading
from math import inf, nan

import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.server.engines import Done, Failed
from trimtab.server.workers.channel import channel_pair
from trimtab.server.workers.child import ANSWER, ASK, ASK_PARTS, FAILED, PART, READY, outcome_of, work
from trimtab.server.workers.codec import pack_arrays, pack_table

TABLE = Table({"x": Column(np.arange(3.0))}, 3)


def asked(predictor):
    """What a worker over this predictor says to one table."""
    ours, ends = channel_pair()
    theirs = ends.open()
    ours.send(ASK, pack_table(TABLE))
    worker = threading.Thread(target=work, args=(theirs, predictor))
    worker.start()
    while True:
        try:
            message = ours.receive()
            break
        except BlockingIOError:
            continue
    ours.close()
    worker.join(10)
    assert not worker.is_alive()  # it ends when the line goes dead
    theirs.close()
    return outcome_of(*message)


def test_a_table_is_answered():
    outcome = asked(lambda table: {"y": table.columns["x"].values * 2})
    assert isinstance(outcome, Done)
    assert outcome.outputs["y"].tolist() == [0.0, 2.0, 4.0]
    assert outcome.seconds >= 0


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_user_code_raises_is_told(error):
    def predictor(_table):
        raise error

    outcome = asked(predictor)
    assert isinstance(outcome, Failed)
    assert outcome.how == "raised"
    assert type(error).__name__ in outcome.what
    assert "predictor" in outcome.trace


def test_an_answer_that_cannot_travel_is_told():
    values = np.array([object()], object)
    outcome = asked(lambda _table: {"y": values})
    assert outcome.what.startswith("the answer cannot leave its process: a `object` in a column")


def answer(seconds, array):
    return struct.pack("<d8x", seconds) + b"".join(map(bytes, pack_arrays({"y": array}, 0)))


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        (ANSWER, b""),
        (ANSWER, b"x" * 40),
        (ANSWER, answer(nan, np.ones(1))),
        (ANSWER, answer(inf, np.ones(1))),
        (ANSWER, answer(-1.0, np.ones(1))),
        (ANSWER, answer(1.0, np.array(1.0))),
        (FAILED, b""),
        (FAILED, b"\x91\x01"),
        (READY, b""),
        (b"?", b""),
    ],
)
def test_nonsense_of_a_worker_is_refused_as_such(kind, block):
    with pytest.raises(ValueError, match=r"."):
        outcome_of(kind, block)


def test_a_line_that_goes_dead_between_parts_closes_the_generator():
    closed = threading.Event()

    class Predictor:
        def parts(self, table):
            try:
                yield {"y": table.columns["x"].values}
            finally:
                closed.set()

    ours, ends = channel_pair()
    theirs = ends.open()
    ours.send(ASK_PARTS, pack_table(TABLE))
    worker = threading.Thread(target=work, args=(theirs, Predictor()))
    worker.start()
    while True:
        with contextlib.suppress(BlockingIOError):
            kind, block = ours.receive()
            break
    assert (kind, outcome_of(kind, block).outputs["y"].tolist()) == (PART, [0.0, 1.0, 2.0])
    assert not closed.is_set()
    ours.close()
    worker.join(10)
    assert (worker.is_alive(), closed.is_set()) == (False, True)
    theirs.close()

"""A streamed answer on its way: at most one event waits, framing is exact, and whoever fails first decides the form."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Table
from trimtab.server.batching.call import StreamCall
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects.rows import ROW_EVENTS
from trimtab.server.engines import Word
from trimtab.server.faults import GONE
from trimtab.server.streaming import Ids, Stream, Streamed, chunk, head
from trimtab.server.wire import Answer

FAILED = OutsideError(Problem("P318", "the model failed"))
END = InferResponse("m", "v", "id-1", {}, 1)


class Tale:
    """A stream between a call whose engine notes its words and a connection that notes what it gets."""

    outcome = "kept"

    def __init__(self, *, chunked=False, events=ROW_EVENTS):
        self.sent, self.counted, self.logged, self.words, self.got = [], [], [], [], []
        self.stream = Stream(events, Ids("own-1", "id-1"), self.log, self.sent.append, self.ended, chunked=chunked)
        self.call = StreamCall(Table({}, 1), 5.0, self.stream.answered, lambda: 100.0)
        self.call.hear = self.stream.heard

    def ended(self, status, go_on):
        self.counted.append(status)
        go_on(self.outcome)

    def log(self, event, fields):
        self.logged.append((event, fields["error"]))

    def part(self, **outputs):
        self.call.part({name: np.array([value]) for name, value in outputs.items()}, self.words.append)

    def flow(self):
        self.stream.flow(b"head ", lambda data, last: self.got.append((data, last)))


def test_a_chunk_says_its_length_and_the_last_one_ends_the_body():
    assert chunk(b"x" * 26, last=False) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert chunk(b"end", last=True) == b"3\r\nend\r\n0\r\n\r\n"


def test_the_head_of_a_stream_has_no_length():
    answer = Answer(200, b"", b"text/event-stream")
    whole = head(answer, keep_alive=True, chunked=True, date=b"now")
    assert whole.endswith(b"date: now\r\ntransfer-encoding: chunked\r\n\r\n")
    assert (b"content-length" in whole, b"connection" in whole) == (False, False)
    old = head(answer, keep_alive=True, chunked=False)
    assert old.endswith(b"\r\nconnection: close\r\n\r\n")
    assert b"transfer-encoding" not in old


def test_the_first_part_is_held_until_its_turn_and_the_model_waits():
    tale = Tale()
    tale.part(y=1.0)
    (begun,) = tale.sent
    assert (type(begun), begun.status, begun.stream) == (Streamed, 200, tale.stream)
    assert (tale.words, tale.counted) == ([], [])
    tale.flow()
    assert tale.got == [(b'head event: part\ndata: {"rows":[{"y":1.0}]}\n\n', False)]
    tale.stream.go_on()
    tale.stream.go_on()  # once for each part
    assert tale.words == [Word.GO_ON]
    tale.part(y=2.0)
    tale.stream.answered(END)
    assert tale.got[1] == (b'event: part\ndata: {"rows":[{"y":2.0}]}\n\n', False)
    assert len(tale.sent) == 1


def test_the_end_may_come_before_its_turn():
    tale = Tale(chunked=True)
    tale.part(y=1.0)
    tale.stream.answered(END)
    tale.flow()
    ((data, last),) = tale.got
    assert last
    assert data.startswith(b"head 2")
    assert data.endswith(b'data: {"model":"m","version":"v","id":"id-1"}\n\n\r\n0\r\n\r\n')
    assert tale.counted == [200]


def test_a_model_without_a_part_has_an_end():
    tale = Tale()
    tale.stream.answered(END)
    tale.flow()
    assert [last for _, last in tale.got] == [True]


def test_what_fails_ahead_of_the_first_part_is_an_ordinary_answer():
    tale = Tale()
    tale.call.settle(FAILED)
    (answer,) = tale.sent
    assert (type(answer), answer.status, tale.counted) == (Answer, 500, [500])


def test_what_fails_later_is_the_last_event_and_counts_as_what_it_is():
    tale = Tale()
    tale.part(y=1.0)
    tale.flow()
    tale.stream.go_on()
    tale.call.settle(FAILED)
    data, last = tale.got[-1]
    assert (data.split(b"\n")[0], last, tale.counted) == (b"event: error", True, [500])
    assert json.loads(data.split(b"\n")[1][6:])["id"] == "id-1"


def test_a_caller_that_leaves_stops_the_model():
    tale = Tale()
    tale.part(y=1.0)
    tale.call.settle(GONE)
    assert (tale.words, tale.counted) == ([Word.STOP], [499])
    tale.part(y=2.0)
    assert tale.words == [Word.STOP, Word.STOP]


@pytest.mark.parametrize("begun", [False, True])
def test_a_part_that_json_cannot_carry_ends_the_stream(begun):
    tale = Tale()
    if begun:
        tale.part(y=1.0)
        tale.flow()
        tale.stream.go_on()
    tale.part(y=b"\xff")
    assert tale.words[-1] is Word.STOP
    assert tale.counted == [400]
    assert type(tale.sent[-1]) is (Streamed if begun else Answer)


def test_a_fault_of_ours_ends_the_stream_and_is_logged():
    tale = Tale(events=SimpleNamespace(part=lambda _outputs: 1 / 0))
    tale.part(y=1.0)
    assert (tale.counted, tale.words, tale.logged[0][0]) == ([500], [Word.STOP], "request failed")

"""One request in the queue: settled once."""

from math import inf

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Table
from trimtab.server.batching.call import Call, StreamCall
from trimtab.server.engines import Word


def test_a_call_is_settled_once_and_lets_go_of_its_rows():
    told = []
    call = Call(Table({}, 3), 1.0, told.append, "id-1")
    assert (call.waits, call.height, call.id, call.again) == (True, 3, "id-1", False)
    call.settle({})
    call.settle(OutsideError(Problem("P325", "late")))
    assert (told, call.waits, call.table, call.height) == ([{}], False, None, 3)


def test_a_call_may_be_settled_again_by_what_it_tells():
    told = []

    def settled(result):
        told.append(result)
        call.settle({})

    call = Call(Table({}, 1), 1.0, settled)
    call.settle({})
    assert told == [{}]


def test_a_call_in_parts_has_the_deadline_of_the_next_one():
    now, told, parts, words = [100.0], [], [], []
    call = StreamCall(Table({}, 1), 5.0, told.append, lambda: now[0])
    call.hear = lambda _call, outputs: parts.append(outputs)
    assert (call.deadline, call.alone, Call.alone) == (105.0, True, False)
    call.part({"y": 1}, words.append)
    assert (call.deadline, call.again, parts, words) == (inf, True, [{"y": 1}], [])
    now[0] = 200.0
    call.go_on()
    assert (call.deadline, words) == (205.0, [Word.GO_ON])
    call.go_on()
    call.settle({})
    assert (told, words) == ([{}], [Word.GO_ON])


def test_a_call_that_nobody_waits_for_stops_its_model():
    words = []
    waiting = StreamCall(Table({}, 1), 5.0, lambda _result: None, lambda: 0.0)
    waiting.hear = lambda _call, _outputs: None
    waiting.part({}, words.append)
    waiting.settle({})
    waiting.part({}, words.append)
    assert words == [Word.STOP, Word.STOP]

"""One request in the queue: settled once."""

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Table
from trimtab.server.batching.call import Call


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

from types import SimpleNamespace

from trimtab.server.slot import Slot
from trimtab.server.streaming import Streamed
from trimtab.server.wire import Answer


def test_what_is_put_into_its_place_is_told_and_nobody_is_asked_any_more():
    told = []
    slot = Slot(lambda: told.append(slot.answer), keep_alive=True, body=False)
    slot.call = SimpleNamespace(settle=None)
    slot.put(answer := Answer(200, b""))
    assert (told, slot.call, slot.keep_alive, slot.body) == ([answer], None, True, False)


def test_one_that_comes_in_parts_is_still_asked():
    slot = Slot(lambda: None, keep_alive=True, body=True)
    slot.call = call = SimpleNamespace(settle=None)
    slot.put(Streamed(200, b"", stream=SimpleNamespace()))
    assert slot.call is call

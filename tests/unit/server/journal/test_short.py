"""Records that are made quickly are those that are made otherwise, but for ids and times."""

import msgspec
import numpy as np
import pytest
from tests.unit.server.journal.test_recorder import ANN, Names

from trimtab.core.signature import Field
from trimtab.core.table import side_by_side
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.server.faults import OverloadedError
from trimtab.server.guard.principal import ANYBODY
from trimtab.server.journal.recorder import Recorder
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.journal.unkept import REFUSED

SCHEMA = Schema(
    "m", "sha256:0", tuple(column_schema(Field(one, "FP64")) for one in "ab"), (column_schema(Field("y", "FP64")),)
)
OF = (np.dtype(np.float64), np.dtype(np.float64))
BLOCK, ANSWERS = np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([0.5, 0.25])


class Scribe:
    strict, made = False, b""

    def keep(self, ended, _later):
        self.made = self.make(*ended)
        return "kept"


def recorder(dropped=(), **settings):
    encoder = Encoder(3, SCHEMA, {}, frozenset(dropped))
    return Recorder(JournalSettings("unused", **settings), Names(), lambda _endpoint: encoder, Scribe())


@pytest.mark.parametrize("called", ["", "mine"])
@pytest.mark.parametrize("caller", [ANYBODY, ANN])
def test_the_bytes_are_the_same(caller, called):
    one = recorder()
    trail = one.begin(caller, "endpoint", "oip")
    trail.request_id, trail.table, trail.outputs = called, side_by_side("ab", BLOCK), {"y": ANSWERS}
    one.end(trail, 200, 0.25, None)
    short = one.short(caller, "endpoint", "oip", called, OF)
    own_id = short.next_id()
    found = msgspec.msgpack.decode(short.record(own_id, 0.25, 2, BLOCK.tobytes(), ANSWERS.tobytes()))
    wanted = msgspec.msgpack.decode(one.scribe.made)
    assert (found[1][0], wanted[1][0]) == (own_id, trail.id)
    assert own_id.rpartition("-")[0] == trail.id.rpartition("-")[0]
    assert 0 <= found[1][1] - wanted[1][1] < 60_000_000
    found[1][:2] = wanted[1][:2]
    assert found == wanted


def test_ids_are_counted_together():
    one = recorder()
    short = one.short(ANN, "endpoint", "oip", "", OF)
    ids = [short.next_id(), one.begin(ANN, "endpoint", "oip").id, short.next_id()]
    assert [own_id.rpartition("-")[2] for own_id in ids] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "given", [{"interactions": 0.5}, {"errors": 0.5}, {"subject": "a"}, {"dropped": "c"}, {"dropped": "y"}]
)
def test_where_not_all_is_kept_there_is_no_quick_way(given):
    found = recorder(**given).short(ANN, "endpoint", "oip", "", OF)
    assert found is None


def test_where_nothing_can_be_written_no_id_is_given():
    one = recorder()
    short = one.short(ANN, "endpoint", "oip", "", OF)

    def require():
        raise OverloadedError(REFUSED)

    one.scribe.strict, one.scribe.require = True, require
    with pytest.raises(OverloadedError):
        short.next_id()
    one.scribe.strict = False
    assert short.next_id().endswith("-0")

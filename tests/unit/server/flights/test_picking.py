"""An arm is picked by those who operate the endpoint; everybody else is given one."""

import pytest

from trimtab.server.faults import TurnedAwayError
from trimtab.server.flights.picking import assigned
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.peer import LOCAL
from trimtab.server.guard.principal import Grant, Principal
from trimtab.server.settings import Settings

CALLER = Principal("key:shop", (Grant("infer"), Grant("operate", "other")))
PILOT = Principal("key:ci", (Grant("operate", "m"),))


@pytest.fixture
def guard():
    return open_guard(Settings(), lambda _event, _fields: None)


def test_who_operates_the_endpoint_picks(pair, guard):
    asked = pair.asked(x_trimtab_arm="challenger")
    assert assigned(pair.arms, asked, guard, PILOT, LOCAL).arm == "challenger"
    with pytest.raises(TurnedAwayError, match="P332"):
        assigned(pair.arms, asked, guard, CALLER, LOCAL)
    with pytest.raises(TurnedAwayError, match="P332"):
        assigned(pair.arms, pair.asked(revision=pair.arms.challenger), guard, CALLER, LOCAL)


def test_who_does_not_pick_needs_no_right(pair, guard):
    assert assigned(pair.arms, pair.asked(), guard, CALLER, LOCAL).arm == "champion"
    assert assigned(pair.arms, pair.asked(revision=pair.arms.champion), guard, CALLER, LOCAL).counted is False

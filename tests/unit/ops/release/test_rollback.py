from __future__ import annotations

import pytest
from tests.doubles.directing import Killed, Killer
from tests.doubles.releasing import NEW, OLD, OTHER, Port

from trimtab.core.errors import RefusedError, UserError
from trimtab.ops.release.release import release
from trimtab.ops.release.rollback import rollback, withdraw


def port_of(*bundles, **how):
    port = Port(**how)
    for number, bundle in enumerate(bundles):
        release(port.wish(bundle, server={"rows": number}), port.means())
    return port


def back(port, to=""):
    return rollback("prod", "churn", to, port.means())


def test_bundle_and_settings_are_those_of_the_release_before():
    port = port_of(OLD, NEW, refused=False)
    port.refused = True
    ended = back(port)
    live = port.target.status("churn", "prod").live
    assert (live.bundle, live.server) == (OLD, {"rows": 0})
    assert (ended.begun.why, ended.begun.to, ended.begun.by) == ("rollback", "r1", "person of one")
    assert port.past.live == live


def test_a_release_is_gone_back_to_by_name():
    port = port_of(OLD, OTHER, NEW)
    back(port, "r1")
    assert port.past.live.bundle == OLD
    back(port, "r3")
    assert port.past.live.bundle == NEW


def test_a_second_one_goes_further_back():
    port = port_of(OLD, OTHER, NEW)
    back(port)
    back(port)
    assert port.past.live.bundle == OLD
    with pytest.raises(UserError) as caught:
        back(port)
    assert caught.value.problems[0].code == "P465"


@pytest.mark.parametrize("to", ["r9", "r2"])
def test_only_what_was_live_is_gone_back_to(to):
    port = port_of(OLD, unproved=frozenset({NEW}))
    with pytest.raises(RefusedError):
        release(port.wish(), port.means())
    with pytest.raises(UserError) as caught:
        back(port, to)
    assert caught.value.problems[0].code == "P465"


def test_a_bundle_that_is_gone_cannot_come_back():
    port = port_of(OLD, NEW)
    port.gone = frozenset({OLD})
    with pytest.raises(UserError) as caught:
        back(port)
    assert caught.value.problems[0].code == "P465"
    assert port.past.live.bundle == NEW


def test_it_works_when_what_is_live_has_died():
    port = port_of(OLD, NEW)
    port.platform.dead.add(NEW)
    back(port)
    assert port.target.status("churn", "prod").ready


@pytest.mark.parametrize("flown", [False, True])
def test_it_works_from_everywhere_within_a_release(flown):
    whole = Killer()
    port = port_of(OLD, flown=flown)
    release(port.wish(), port.means("dead", whole))
    for at in range(whole.count):
        port = port_of(OLD, flown=flown)
        with pytest.raises(Killed):
            release(port.wish(), port.means("dead", Killer(at, after=True)))
        port.dead.add("dead")
        if port.past.back is None:
            continue  # nothing was begun yet
        back(port)
        status = port.target.status("churn", "prod")
        assert status.live.bundle == port.past.live.bundle == OLD
        assert status.differs == ()
        assert port.past.under_way is None


def test_a_rollback_that_was_killed_is_gone_on_with_and_not_taken_back():
    port = port_of(OLD, NEW)
    with pytest.raises(Killed):
        rollback("prod", "churn", "", port.means("dead", Killer(3)))
    port.dead.add("dead")
    assert port.past.under_way.begun.why == "rollback"
    back(port)
    assert port.past.live.bundle == OLD
    assert len(port.past.releases) == 3


def test_what_is_withdrawn_runs_no_more_and_may_come_back():
    port = port_of(OLD, NEW)
    ended = withdraw("prod", "churn", port.means())
    assert (ended.begun.why, ended.ended.outcome, ended.begun.by) == ("withdraw", "withdrawn", "person of one")
    assert port.target.status("churn", "prod").live is None
    assert port.past.live is None
    assert port.record.files["environments/prod/churn.json"] == "null\n"
    with pytest.raises(UserError) as caught:
        withdraw("prod", "churn", port.means())
    assert caught.value.problems[0].code == "P465"
    back(port)
    assert port.past.live.bundle == NEW


def test_a_withdrawal_that_was_killed_is_ended_by_the_next():
    whole = Killer()
    withdraw("prod", "churn", port_of(OLD).means(killer=whole))
    for at in range(whole.count):
        port = port_of(OLD)
        with pytest.raises(Killed):
            withdraw("prod", "churn", port.means("dead", Killer(at, after=True)))
        port.dead.add("dead")
        if port.past.live is not None:
            withdraw("prod", "churn", port.means())
        assert (port.past.live, port.past.under_way) == (None, None)
        assert port.target.status("churn", "prod").live is None


def test_what_is_under_way_is_given_up_for_a_withdrawal():
    port = port_of(OLD)
    with pytest.raises(Killed):
        release(port.wish(), port.means("dead", Killer(4)))
    port.dead.add("dead")
    withdraw("prod", "churn", port.means())
    assert [one.ended.outcome for one in port.past.releases] == ["released", "abandoned", "withdrawn"]
    release(port.wish(), port.means())
    assert port.past.live.bundle == NEW

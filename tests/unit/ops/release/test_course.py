from __future__ import annotations

from dataclasses import replace

import pytest
from tests.doubles.directing import Killed
from tests.doubles.releasing import NEW, OLD, Port

from trimtab.core.errors import RefusedError
from trimtab.ops.release.release import release, resume


def codes(caught):
    return [one.code for one in caught.value.problems]


def test_a_flight_that_fails_leaves_the_live_one_and_names_the_limit():
    port = Port(flown=True, bad=frozenset({NEW}))
    release(port.wish(OLD), port.means())
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means())
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P460", "limits.errors")
    assert "errors 90 % is above 1 %" in problem.what
    assert port.past.live.bundle == port.target.status("churn", "prod").live.bundle == OLD
    assert port.past.refused == {NEW: "errors 90 % is above 1 %"}
    (vouched,) = port.vouched
    assert (vouched.kind, vouched.digest, vouched.verdict, vouched.against) == ("flight", NEW, "FAIL", OLD)


def test_a_good_flight_is_evidence_and_then_all_of_it_is_applied():
    port = Port(flown=True)
    release(port.wish(OLD), port.means())
    done = release(port.wish(server={"rows": 10}), port.means())
    assert done.release.steps == ("beside", "flown", "applied")
    assert done.release.flight == "f-r2"
    assert port.vouched[0].verdict == "PASS"
    assert port.target.status("churn", "prod").live.server == {"rows": 10}


@pytest.mark.parametrize("before", [None, OLD])
@pytest.mark.parametrize("how", ["broken", "unproved"])
def test_what_does_not_come_up_or_answers_otherwise_is_taken_back(before, how):
    port = Port(unproved=frozenset({NEW}) if how == "unproved" else frozenset())
    port.platform.broken |= {NEW} if how == "broken" else set()
    if before:
        release(port.wish(before), port.means())
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means())
    assert codes(caught) == ["P464"]
    live = port.target.status("churn", "prod").live
    assert (live.bundle if live else None) == before
    assert port.past.releases[-1].ended.outcome == "rolled back"


def test_where_what_was_live_does_not_come_back_that_is_said():
    port = Port(unproved=frozenset({NEW}))
    release(port.wish(OLD), port.means())
    port.platform.broken.add(OLD)
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means())
    assert codes(caught) == ["P468"]
    assert port.past.releases[-1].ended.outcome == "failed"


def test_a_tag_that_moves_between_plan_and_apply_is_refused():
    port = Port()
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means(), lambda _: port.commits.append("c2"))
    assert codes(caught) == ["P486"]
    assert port.target.status("churn", "prod").live is None
    assert port.past.under_way is None


def test_a_tag_that_moved_back_may_be_flown():
    port = Port(flown=True)
    release(port.wish(OLD), port.means())
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means(), lambda _: port.commits.append("c2"))
    assert codes(caught) == ["P486"]
    assert port.past.refused == {}
    port.commits.pop()
    assert release(port.wish(), port.means()).release.steps == ("beside", "flown", "applied")


def test_a_target_without_a_control_plane_flies_nothing():
    port = Port(flown=True)
    port.target._control = ""
    release(port.wish(OLD), port.means())
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means())
    assert codes(caught) == ["P467"]
    assert port.target.status("churn", "prod").live.bundle == OLD


def test_whoever_lost_it_does_nothing_more():
    port = Port()
    port.clock.world = lambda _: None

    def slow(topic, _):
        """The first thing that it hears of its target is that a day has passed, and another has taken over."""
        if topic == "beside" and not port.dead:
            port.dead.add("one")
            port.clock.now += 86400.0
            resume("prod", "churn", port.means("two"))

    means = replace(port.means(), tell=slow)
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), means)
    assert codes(caught) == ["P462"]
    assert port.past.releases[-1].by == "person of two"
    assert port.past.live.bundle == NEW


def test_a_lease_is_renewed_while_it_works():
    port = Port()

    def slow(*_):
        port.clock.now += 500.0

    release(port.wish(), replace(port.means(), tell=slow))
    assert "release taken" in [one.kind for one in port.record.kept]
    assert port.past.releases[0].takeovers == 0


class Dying:
    """Flights of a machine that ends in the middle of one."""

    def __init__(self, port):
        self._port = port

    def known(self, _release):
        return None

    def fly(self, release, *_):
        self._port.target.flown("churn", "prod", 0.5)
        raise Killed(release.name)


@pytest.mark.parametrize("bad", [frozenset(), frozenset({NEW})])
def test_a_machine_that_knows_nothing_of_the_flight_takes_it_away_and_flies_anew(bad):
    port = Port(flown=True, bad=bad)
    release(port.wish(OLD), port.means())
    with pytest.raises(Killed):
        release(port.wish(), replace(port.means("dead"), flights=Dying(port)))
    port.clock.now += 1000.0
    assert port.past.under_way.steps == ("beside",)
    if bad:
        with pytest.raises(RefusedError):
            resume("prod", "churn", port.means("two"))
    else:
        resume("prod", "churn", port.means("two"))
    ended = port.past.releases[-1]
    assert (ended.takeovers, ended.steps.count("beside")) == (1, 1)
    status = port.target.status("churn", "prod")
    assert status.live == port.past.live
    assert status.live.bundle == (OLD if bad else NEW)
    assert status.differs == ()

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.doubles.directing import Killed
from tests.doubles.releasing import NEW, OLD, OTHER, Port

from trimtab.core.errors import OutsideError, RefusedError, UserError
from trimtab.ops.release.release import release, resume
from trimtab.release.ledger.releases import ReleaseEnded, body_of
from trimtab.release.promotion.values import Finding


def codes(caught):
    return [one.code for one in caught.value.problems]


def killed(port, owner="dead"):
    """A process that has begun, and has done nothing yet."""
    with pytest.raises(Killed):
        release(port.wish(), replace(port.means(owner), need=_dies))
    port.dead.add(owner)
    assert port.past.under_way is not None


def _dies(*_):
    raise Killed


def test_what_is_released_is_live_and_in_the_record_with_who_and_why():
    port = Port()
    done = release(port.wish(server={"rows": 10}), port.means())
    begun = done.release.begun
    assert done.release.ended.outcome == "released"
    assert (done.release.name, begun.by, begun.why, begun.evidence) == ("r1", "person of one", "release", ("ab",))
    assert begun.judgement.findings[0].name == "golden"
    assert port.past.live == port.target.status("churn", "prod").live == begun.wanted
    assert '"rows": 10' in port.record.files["environments/prod/churn.json"]
    assert port.needed == {NEW: "live"}


def test_what_is_live_already_is_not_released_again():
    port = Port()
    release(port.wish(), port.means())
    count = len(port.record.kept)
    assert release(port.wish(), port.means()).release is None
    assert len(port.record.kept) == count


def test_what_somebody_changed_by_hand_is_put_right():
    port = Port()
    release(port.wish(), port.means())
    port.target.meddled("churn", "prod", OLD)
    assert release(port.wish(), port.means()).release.name == "r2"
    assert port.target.status("churn", "prod").differs == ()


def test_a_gate_that_refuses_names_what_is_missing_and_nothing_is_done():
    port = Port(refused=True)
    planned = []
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means(), planned.append)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("P463", "trimtab check")
    assert "golden: no evidence" in problem.what
    assert port.record.kept == []
    assert port.platform.log == []
    assert len(planned) == 1


def test_an_emergency_goes_past_the_gate_without_a_flight_and_stays_on_record():
    port = Port(refused=True, flown=True)
    port.refused = False
    release(port.wish(OLD), port.means())
    port.refused = True
    done = release(port.wish(emergency="the site is down"), port.means())
    judgement = done.release.begun.judgement
    assert (judgement.outcome, judgement.emergency) == ("emergency", "the site is down")
    assert [one.name for one in judgement.missing] == ["golden"]
    assert not done.release.begun.flight


def test_what_breaks_callers_is_refused_with_a_diff():
    port = Port()
    release(port.wish(OLD), port.means())
    port.breaks = (Finding("compatible", "FAIL", "`plan` is gone", diff=("- input plan BYTES[-1]",)),)
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means())
    what = "not released to `prod`: compatible: `plan` is gone\n  - input plan BYTES[-1]"
    assert [one.what for one in caught.value.problems] == [what]
    assert port.past.live.bundle == OLD
    assert release(port.wish(emergency="they know"), port.means()).release.begun.judgement.outcome == "emergency"


def test_other_settings_alone_are_not_flown():
    port = Port(flown=True)
    release(port.wish(OLD), port.means())
    assert not release(port.wish(OLD, server={"rows": 10}), port.means()).release.begun.flight


def test_what_the_target_cannot_have_is_refused_before_anything_is_written():
    port = Port(flown=True)
    port.target._honours = frozenset({"server"})
    for wish, code in ((port.wish(replicas=3), "P500"), (port.wish(), "P467")):
        with pytest.raises(UserError) as caught:
            release(wish, port.means())
        assert codes(caught) == [code]
    assert port.record.kept == []


def test_somebody_who_is_quicker_is_looked_at_before_it_is_judged_anew():
    port = Port()
    release(port.wish(OLD), port.means())
    port.record.before_append.append(lambda: release(port.wish("sha256:other"), port.means("two")))
    done = release(port.wish(), port.means())
    assert [one.begun.wanted.bundle for one in port.past.releases] == [OLD, "sha256:other", NEW]
    assert done.release.begun.before.bundle == "sha256:other"


@pytest.mark.parametrize("seen", [True, None])
def test_what_somebody_is_at_work_on_is_left_to_them(seen):
    port = Port()
    killed(port)
    port.dead.clear()
    if seen:
        port.seen["dead"] = True
    with pytest.raises(RefusedError) as caught:
        release(port.wish(), port.means("two"))
    assert codes(caught) == ["P462"]
    assert "person of dead" in caught.value.problems[0].what
    port.clock.now += 1000.0
    if seen:
        with pytest.raises(RefusedError):
            resume("prod", "churn", port.means("two"))
    else:
        assert resume("prod", "churn", port.means("two")).by == "person of two"


def test_a_target_that_does_not_answer_leaves_it_under_way():
    port = Port()
    killed(port)
    port.platform.reachable = False
    with pytest.raises(OutsideError):
        resume("prod", "churn", port.means())
    assert port.past.under_way is not None
    port.platform.reachable = True
    assert resume("prod", "churn", port.means()).ended.outcome == "released"


def test_there_must_be_something_to_go_on_with():
    port = Port()
    with pytest.raises(UserError) as caught:
        resume("prod", "churn", port.means())
    assert codes(caught) == ["P469"]


def test_something_else_takes_back_what_was_left():
    port = Port()
    release(port.wish(OLD), port.means())
    killed(port)
    release(port.wish("sha256:other"), port.means())
    assert [one.ended.outcome for one in port.past.releases] == ["released", "abandoned", "released"]


def test_what_a_dead_one_sent_last_may_arrive_while_it_is_taken_over():
    port = Port()
    killed(port)
    left = port.past.under_way
    port.record.before_append.append(
        lambda: port.record.append(
            "release ended", "prod/churn", body_of(ReleaseEnded(left.name, "released", left.begun.wanted)),
            port.record.kept[-1].digest, {},
        )
    )  # fmt: skip
    assert release(port.wish(OTHER), port.means("two")).release.begun.wanted.bundle == OTHER
    assert [(one.begun.wanted.bundle, one.by) for one in port.past.releases] == [
        (NEW, "person of dead"), (OTHER, "person of two"),
    ]  # fmt: skip

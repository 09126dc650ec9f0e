"""The target in memory keeps to what a target promises, and fails where it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError, RefusedError, UserError
from trimtab.testing import Killed, MemoryTarget, Platform
from trimtab.testing.memory import STEPS

ONE = Deployment("churn", "dev", "sha256:" + "1" * 64)
TWO = replace(ONE, bundle="sha256:" + "2" * 64)


def _quiet(_topic: str, _text: str) -> None:
    pass


def test_what_is_applied_is_live_and_answers() -> None:
    target = MemoryTarget()
    status = target.apply(ONE, _quiet)
    assert status.ready
    assert (status.live, status.differs) == (ONE, ())
    answer = target.ask(status.address, "/v2/models/churn/infer", b"{}")
    assert answer.status == 200
    assert ONE.bundle.encode() in answer.body
    assert target.ask(status.address, "/", b"[").status == 400


def test_the_same_again_changes_nothing() -> None:
    target = MemoryTarget()
    target.apply(ONE, _quiet)
    done = [*target.platform.log]
    target.apply(ONE, _quiet)
    assert target.platform.log == done


def test_what_it_does_not_honour_is_refused_by_name() -> None:
    target = MemoryTarget(honours={"port"})
    with pytest.raises(UserError) as caught:
        target.apply(replace(ONE, port=9000, replicas=2, identity="me"), _quiet)
    assert [problem.what.split("`")[3] for problem in caught.value.problems] == ["identity", "replicas"]
    assert target.status("churn", "dev").live is None


def test_what_does_not_come_up_leaves_what_answers() -> None:
    target = MemoryTarget()
    target.apply(ONE, _quiet)
    before = target.status("churn", "dev")
    target.platform.broken.add(TWO.bundle)
    with pytest.raises(RefusedError, match="P501"):
        target.apply(TWO, _quiet)
    with pytest.raises(RefusedError, match="P501"):
        target.apply(replace(ONE, challenger=TWO.bundle), _quiet)
    assert target.status("churn", "dev") == before


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_the_next_apply_ends_it(step: str) -> None:
    platform = Platform(kill_at=step)
    with pytest.raises(Killed):
        MemoryTarget(platform).apply(ONE, _quiet)
    target = MemoryTarget(platform)  # another process
    assert target.status("churn", "dev").differs
    status = target.apply(ONE, _quiet)
    assert (status.live, status.differs, status.ready) == (ONE, (), True)


def test_a_challenger_is_asked_nothing_until_it_flies() -> None:
    target = MemoryTarget()
    status = target.apply(replace(ONE, challenger=TWO.bundle), _quiet)
    assert [(one.bundle, one.state, one.share) for one in status.revisions] == [
        (ONE.bundle, "ready", 1.0),
        (TWO.bundle, "ready", 0.0),
    ]
    target.flown("churn", "dev", 0.25)
    assert [one.share for one in target.status("churn", "dev").revisions] == [0.75, 0.25]
    target.flown("churn", "dev", 1.0)
    promoted = target.status("churn", "dev")
    assert [(one.bundle, one.share) for one in promoted.revisions] == [(TWO.bundle, 1.0)]
    assert promoted.differs
    assert not target.apply(TWO, _quiet).differs


def test_a_change_by_hand_and_a_death_are_seen_and_mended() -> None:
    target = MemoryTarget()
    target.apply(ONE, _quiet)
    target.meddled("churn", "dev", TWO.bundle)
    assert TWO.bundle in target.status("churn", "dev").differs[0]
    assert target.apply(ONE, _quiet).revisions[0].bundle == ONE.bundle
    target.platform.dead.add(ONE.bundle)
    dead = target.status("churn", "dev")
    assert not dead.ready
    assert dead.differs
    assert target.ask(dead.address, "/").status == 503


def test_a_platform_that_is_not_reached() -> None:
    target = MemoryTarget()
    address = target.apply(ONE, _quiet).address
    target.platform.reachable = False
    for call in (lambda: target.apply(TWO, _quiet), lambda: target.status("churn", "dev")):
        with pytest.raises(OutsideError, match="P502"):
            call()
    with pytest.raises(OutsideError, match="P502"):
        target.remove("churn", "dev")
    with pytest.raises(OSError, match="nothing answers"):
        target.ask(address, "/")


def test_removed_there_is_nothing() -> None:
    target = MemoryTarget()
    address = target.apply(ONE, _quiet).address
    target.remove("churn", "dev")
    target.remove("churn", "dev")
    assert target.status("churn", "dev").revisions == ()
    with pytest.raises(OSError, match="nothing answers"):
        target.ask(address, "/")


def test_a_key_is_asked_for_where_the_deployment_says_so() -> None:
    target = MemoryTarget(keys={"k1"})
    address = target.apply(replace(ONE, server={"auth": {"keys": "keys.json"}}), _quiet).address
    assert target.ask(address, "/").status == 401
    assert target.ask(address, "/", headers={"authorization": "Bearer k2"}).status == 401
    assert target.ask(address, "/", headers={"authorization": "Bearer k1"}).status == 200

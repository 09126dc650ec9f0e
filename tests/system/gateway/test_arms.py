"""Arms of a gateway: who is answered by which, promotion and what a restart makes of it, leases, and who may steer."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.system.gateway.conftest import FLIGHT, Through

from trimtab.core.errors import UserError
from trimtab.core.traffic import Split, Traffic
from trimtab.server.gateway.backends import backend_of
from trimtab.server.gateway.running import Running
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.settings import Settings


def test_a_user_stays_in_their_arm_and_a_growing_share_moves_nobody_back(through: Callable[..., Through]) -> None:
    gateway = through()
    split = Split("principal")
    users = [f"Bearer {number}" for number in range(60)]
    seen = []
    for share in (0.2, 0.5, 1.0):
        gateway.fly(share, split=split)
        seen.append([gateway.arms(authorization=user) for user in users])
        assert [gateway.arms(authorization=user) for user in users] == seen[-1]
    for before, after in itertools.pairwise(seen):
        assert all(b == "challenger" for a, b in zip(before, after, strict=True) if a == "challenger")
    assert 3 <= seen[0].count("challenger") <= 25
    assert set(seen[2]) == {"challenger"}
    counts = gateway.status.counts
    assert counts.champion.requests + counts.challenger.requests == 360


def test_a_share_without_a_director_is_nothing_again(through: Callable[..., Through]) -> None:
    gateway = through()
    gateway.gateway.steer(Traffic(FLIGHT, 1.0), 0.1)
    status = gateway.until(lambda status: status.traffic.share == 0.0)
    assert status.lease_s == 0.0
    assert gateway.arms() == "champion"


def test_another_flight_and_a_split_by_bodies_are_refused_by_name(through: Callable[..., Through]) -> None:
    gateway = through()
    with pytest.raises(UserError) as other:
        gateway.gateway.steer(Traffic("f2", 0.5), 10.0)
    assert [one.code for one in other.value.problems] == ["P379"]
    assert "`f1`" in other.value.problems[0].what
    with pytest.raises(UserError) as column:
        gateway.fly(0.5, split=Split("column", "age"))
    assert [one.code for one in column.value.problems] == ["P371"]


def test_a_promoted_challenger_answers_also_after_a_restart(through: Callable[..., Through], tmp_path: Path) -> None:
    gateway = through()
    gateway.fly(0.5)
    gateway.gateway.promote()
    gateway.gateway.promote()
    assert {gateway.arms() for _ in range(10)} == {"challenger"}
    assert gateway.status.champion == gateway.challenger.url
    gateway.gateway.end()
    gateway.gateway.end()
    assert gateway.gateway.status() is None
    assert gateway.arms() == "challenger"
    again = GatewaySettings(
        backend_of(gateway.champion.url, ""), backend_of(gateway.challenger.url, ""), "gateway",
        tmp_path / "state.json", Settings(port=0),
    )  # fmt: skip
    with Running(again, lambda *_: None) as restarted:
        assert restarted.promoted
        assert Through(restarted, gateway.champion, gateway.challenger, []).arms() == "challenger"
        with pytest.raises(UserError):
            restarted.begin("f2")


def test_a_promotion_that_cannot_be_written_down_has_not_happened(
    through: Callable[..., Through], tmp_path: Path
) -> None:
    from trimtab.core.errors import OutsideError

    gateway = through(state=tmp_path / "file" / "state.json")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutsideError) as refused:
        gateway.gateway.promote()
    assert [one.code for one in refused.value.problems] == ["P377"]
    assert gateway.arms() == "champion"


def test_an_ended_flight_leaves_everybody_with_the_champion(through: Callable[..., Through]) -> None:
    gateway = through()
    gateway.fly(1.0)
    assert gateway.arms() == "challenger"
    gateway.gateway.end()
    assert gateway.arms() == "champion"
    with pytest.raises(UserError):
        gateway.gateway.begin("f2")


def test_a_place_that_is_taken_or_open_to_others_is_refused(through: Callable[..., Through], tmp_path: Path) -> None:
    gateway = through()
    backend = backend_of(gateway.champion.url, "")
    for serving, code in ((Settings(port=gateway.place[1]), "P304"), (Settings(host="0.0.0.0", port=0), "P303")):  # noqa: S104
        settings = GatewaySettings(backend, backend, "gateway", tmp_path / "other.json", serving)
        with pytest.raises(UserError) as refused, Running(settings, lambda *_: None):
            pass
        assert [one.code for one in refused.value.problems] == [code]
    assert os.listdir(tmp_path).count("other.json") == 0  # noqa: PTH208 - one name

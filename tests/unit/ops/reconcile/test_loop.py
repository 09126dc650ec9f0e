from __future__ import annotations

import pytest

from trimtab.core.errors import OutsideError, RefusedError
from trimtab.ops.reconcile.loop import Pace, alone, keep_on
from trimtab.ops.reconcile.turn import Turn


class EnoughError(Exception):
    """The test has seen enough."""


def run(*rounds):
    said, slept, left = [], [], [*rounds]

    def turns():
        if not left:
            raise EnoughError
        return [Turn("prod", left.pop(0))]

    with pytest.raises(EnoughError):
        keep_on(turns, Pace(30.0, slept.append, lambda: 0.5), lambda found: said.append(found[0].came))
    return said, slept


def test_what_stays_as_it_was_is_said_once():
    said, slept = run("released", "same", "same", "same", "repaired", "same")
    assert said == ["released", "same", "repaired", "same"]
    assert slept == [30.0] * 6


def test_a_remote_that_is_away_is_asked_less_often_until_it_is_back():
    said, slept = run("same", "failed", "failed", "failed", "same")
    assert said == ["same", "failed", "same"]
    assert slept == [30.0, 60.0, 120.0, 240.0, 30.0]


def test_a_repair_that_does_not_last_is_made_less_often():
    assert run("repaired", "repaired", "repaired")[1] == [30.0, 60.0, 120.0]


def test_one_at_a_time(tmp_path):
    with alone(tmp_path / "ledger"):
        with pytest.raises(RefusedError) as refused, alone(tmp_path / "ledger"):
            pass
        assert refused.value.problems[0].code == "P491"
    with alone(tmp_path / "ledger"):
        pass


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "ledger").write_text("a file")
    with pytest.raises(OutsideError, match="P491"), alone(tmp_path / "ledger"):
        pass

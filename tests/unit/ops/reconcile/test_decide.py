from __future__ import annotations

from dataclasses import replace

import pytest

from trimtab.core.deployment import Change, Deployment
from trimtab.ops.reconcile.decide import decide, wait_s
from trimtab.ops.release.status import Here
from trimtab.release.environments import Environment
from trimtab.release.history import Past
from trimtab.targets.target import Revision, Status

LIVE = Deployment("churn", "prod", "sha256:old")
READY = Status(LIVE, (Revision("sha256:old", "ready"),))
WELL = Here(Environment("prod"), Past("prod", "churn", live=LIVE), READY)


def with_state(state):
    return replace(WELL, status=Status(LIVE, (Revision("sha256:old", state),)))


@pytest.mark.parametrize(
    ("wanted", "here", "act"),
    [
        (LIVE, WELL, "same"),
        (None, WELL, "nothing"),
        (replace(LIVE, bundle="sha256:new"), WELL, "change"),
        (replace(LIVE, server={"rows": 5}), WELL, "change"),
        (LIVE, replace(WELL, past=Past("prod", "churn")), "change"),
        (LIVE, replace(WELL, drift=(Change("replicas", 1, 3),)), "repair"),
        (LIVE, replace(WELL, status=replace(READY, differs=("a file was changed",))), "repair"),
        (LIVE, replace(WELL, status=Status()), "repair"),
        (LIVE, with_state("failed"), "repair"),
        (LIVE, with_state("stopped"), "repair"),
        (LIVE, with_state("starting"), "wait"),
        (LIVE, replace(WELL, status=None, why="no engine"), "wait"),
        (replace(LIVE, bundle="sha256:new"), replace(WELL, status=None), "wait"),
    ],
)
def test_what_is_to_be_done(wanted, here, act):
    todo = decide(wanted, here)
    assert todo.act == act
    assert bool(todo.why) is (act != "same")


def test_a_change_is_said_field_by_field():
    todo = decide(replace(LIVE, bundle="sha256:new", replicas=2), WELL)
    assert todo.why == ("`bundle` 'sha256:old' -> 'sha256:new'", "`replicas` None -> 2")


def test_failures_make_it_come_less_often_and_never_never():
    waits = [wait_s(30.0, failures, 0.5) for failures in range(12)]
    assert waits[:4] == [30.0, 60.0, 120.0, 240.0]
    assert waits == sorted(waits)
    assert waits[-1] == 600.0
    assert wait_s(30.0, 0, 0.0) < 30.0 < wait_s(30.0, 0, 1.0)

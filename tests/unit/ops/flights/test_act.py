from __future__ import annotations

import pytest
from tests.doubles.airborne import Clock, Flown, Server

from trimtab.core.traffic import Split, Traffic
from trimtab.ops.flights.act import MIRRORED, act, share_after, traffic_of
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.flight.states import Action
from trimtab.release.ledger.flights import Begun

SPLIT = Split("header", "x-user")


def standing(kind="canary", share=0.05, **more):
    plan = Plan(kind=kind, split=SPLIT, **more)
    return Standing("churn-1", Begun("churn", "sha256:new", "", plan), 0.0, 0.0, share=share, step=0)


def action(do, share=None):
    return Action(do, "flying", 0, share, "")


def test_where_answers_are_to_agree_the_champions_are_mirrored_too():
    limits = (Limit("disagreement", at_most=0.1),)
    for kind in ("canary", "ab"):
        assert traffic_of(standing(kind, limits=limits), 0.05) == Traffic("churn-1", 0.05, MIRRORED, SPLIT)
    assert traffic_of(standing(limits=limits), 0.0) == Traffic("churn-1", 0.0, 0.0, SPLIT)


def test_a_shadow_answers_nobody():
    assert traffic_of(standing("shadow"), 0.5) == Traffic("churn-1", 0.0, 0.5, SPLIT)
    assert traffic_of(standing("ab"), 0.5) == Traffic("churn-1", 0.5, 0.0, SPLIT)


@pytest.mark.parametrize(
    ("do", "said", "share"),
    [
        ("begin", 0.1, 0.1),
        ("advance", 0.5, 0.5),
        ("pause", None, 0.05),
        ("resume", None, 0.05),
        ("roll back", 0.0, 0.0),
        ("roll back", None, 0.0),
        ("promote", None, 0.0),
        ("end", None, 0.0),
    ],
)
def test_the_share_from_then_on(do, said, share):
    assert share_after(standing(), action(do, said)) == share


@pytest.mark.parametrize(
    ("do", "log"),
    [
        ("begin", ["share 0.05"]),
        ("roll back", ["share 0"]),
        ("promote", ["promoted"]),
        ("end", ["ended"]),
        ("wait", []),
    ],
)
def test_what_an_action_is_at_the_server_however_often_it_is_done(do, log):
    server = Server(Clock(), loading_s=0.0)
    flown = Flown(server, "churn-1")
    flown.start()
    for _ in range(2):
        act(flown, standing(), action(do), 15.0)
    assert server.log == ["loaded", *log]

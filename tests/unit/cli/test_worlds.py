"""Worlds out of options."""

from __future__ import annotations

import pytest
import rich_click as click

from trimtab.cli.worlds import world_in, world_options
from trimtab.ops.simulate.world import Lognormal, Side, Truths, World


def world(*words):
    found = []

    @click.command()
    @world_options
    def command(**said):
        found.append(world_in(said))

    command.main(list(words), standalone_mode=False)
    return found[0]


def test_nothing_said_is_a_healthy_challenger():
    found = world()
    assert found == World(20.0, 0.0, Side(0.0, Lognormal(0.04, 0.12)), Side(0.0, Lognormal(0.04, 0.12)))
    assert found == found.healthy


def test_the_challenger_is_as_the_champion_but_for_what_is_said():
    found = world("--errors", "2%", "--latency", "10ms", "--p99", "80ms", "--challenger-latency", "2x")
    assert found.champion == Side(0.02, Lognormal(0.01, 0.08))
    assert found.challenger == Side(0.02, Lognormal(0.02, 0.16))
    own = world("--latency", "10ms", "--challenger-latency", "30ms", "--challenger-errors", "0.5")
    assert own.challenger.latency.median_s == pytest.approx(0.03)
    assert own.challenger.errors == 0.5


def test_truth_and_people():
    found = world(
        "--truth", "1h", "--quality", "90%", "--challenger-quality", "0.7", "--callers", "50", "--shift", "0.3"
    )
    assert found.truths == Truths("quality", 3600.0)
    assert (found.champion.quality, found.challenger.quality) == (0.9, 0.7)
    assert (found.callers, found.challenger.shift) == (50, 0.3)

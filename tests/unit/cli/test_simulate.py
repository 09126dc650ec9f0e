"""`trimtab simulate`: what is said, what is written, what is refused."""

from __future__ import annotations

import json

import pytest
from tests.doubles.flights_logged import flown_into

QUICK = ("--watch", "1m", "--steps", "10%,50%", "--give-up", "20m", "--runs", "5")
BAD = ("--errors", "1%", "--challenger-errors", "40%")


def test_both_challengers_are_told(type_in):
    said = type_in("simulate", *BAD, *QUICK)
    assert said.status == 0
    topics = [line.partition(" ")[0] for line in said.out.splitlines()]
    assert topics.count("challenger") == 2
    assert "rolled back 100 %" in said.out
    assert "promoted" in topics
    assert "took       10 flights in " in said.err


def test_a_seed_says_the_same_again_and_json_has_all_of_it(type_in):
    one, other, third = (type_in("simulate", *BAD, *QUICK, "--json", "--seed", seed).out for seed in (1, 1, 2))
    assert one == other != third
    plain = json.loads(one)
    assert plain["scenes"][0]["breaks"] == ["errors"]
    assert plain["runs"] == {"count": 5, "days": 30.0, "seed": 1}


def test_the_plan_is_the_projects_as_far_as_nothing_else_is_said(type_in, here):
    (here / "trimtab.toml").write_text(
        'name = "m"\n[model]\npath = "m:a"\n'
        '[flight]\nwatch = "90s"\nsteps = [20]\n[limits]\nerrors = { at_most = 0.1 }\n'
    )
    plan = json.loads(type_in("simulate", "--runs", 1, "--json", "--minimum", 7).out)["plan"]
    assert (plan["watch_s"], plan["steps"], plan["minimum"]) == (90.0, [0.2], 7)
    assert [one["measure"] for one in plan["limits"]] == ["errors"]


def test_the_page_is_written(type_in, here):
    said = type_in("simulate", *BAD, *QUICK, "--page", "page.html")
    assert "wrote      page.html" in said.err
    assert (here / "page.html").read_text().startswith("<!doctype html>")


def test_recorded_traffic_is_flown(type_in, here):
    flown_into(here / "journal", 400)
    words = ("--journal", "journal", "--endpoint", "churn", "--challenger-errors", "60%", "--challenger-latency", "3x")
    found = json.loads(type_in("simulate", *words, *QUICK, "--json").out)
    assert found["traffic"]["recorded"].startswith("3")
    assert found["traffic"]["rate"] == pytest.approx(7.5, abs=0.6)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--errors", "200%"), "no share"),
        (("--errors", "few"), "no share"),
        (("--challenger-latency", "0x"), "no time at all"),
        (("--suggest", "--risk", "nothing"), "P433"),
        (("--steps", "50%,10%"), "50%,10%"),
        (("--journal", "nowhere"), "nowhere"),
    ],
)
def test_what_makes_no_sense_is_named(type_in, words, said):
    found = type_in("simulate", "--runs", 1, *words)
    assert (found.status, found.out) == (2, "")
    assert said in found.err


def test_a_suggestion_is_lines_for_the_file(type_in):
    said = type_in("simulate", *BAD, "--suggest", "--risk", "bad=100,within=8m", "--runs", 4)
    assert said.status == 0, said.err
    assert said.out.startswith("[flight]\nsteps = [")
    assert "tries      " in said.err

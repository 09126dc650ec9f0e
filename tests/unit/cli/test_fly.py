"""`trimtab fly` and what it says, against a server in memory behind the real routes."""

from __future__ import annotations

import json

import pytest
from tests.doubles.airborne import Arm
from tests.doubles.flying import flying

QUICK = ("--steps", "50%", "--watch", "0s", "--minimum", "5", "--give-up", "20s")


@pytest.fixture
def limits(here):
    (here / "trimtab.toml").write_text('name = "churn"\n[model]\npath = "m:a"\n[limits]\nerrors = { at_most = 0.2 }\n')
    return here


@pytest.mark.usefixtures("limits")
def test_a_good_challenger_is_promoted(type_in):
    with flying(rate=400.0, loading_s=0.0) as plane:
        said = type_in("fly", "churn:next", "--control", plane.url, *QUICK)
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "flight     the challenger is loaded, 50 % from now"
    assert "pass     errors 0 % <= 20 %, n " in lines[-2]
    assert lines[-1].startswith("promoted   `churn` is churn:next now, after ")
    assert plane.server.store == "churn:next"


@pytest.mark.usefixtures("limits")
def test_a_bad_one_is_rolled_back_with_limit_and_hint(type_in):
    with flying(rate=400.0, loading_s=0.0, arms={"challenger": Arm(errors=1.0)}) as plane:
        said = type_in("fly", "churn:next", "--control", plane.url, *QUICK)
    assert said.status == 1
    assert said.out.splitlines()[-1].startswith("rolled back to sha256:old, after ")
    assert "error[P420]: flight of `churn:next` failed at 50 %: errors 100 % > 20 %" in said.err
    assert "at limits.errors" in said.err
    assert "hint: `trimtab log churn --arm challenger --errors` lists the requests" in said.err


@pytest.mark.usefixtures("limits")
def test_json_is_a_line_for_each_look_that_counts_and_the_outcome(type_in):
    with flying(rate=400.0, loading_s=0.0) as plane:
        said = type_in("fly", "churn:next", "--control", plane.url, *QUICK, "--json")
    looks = [json.loads(line) for line in said.out.splitlines()]
    assert looks[0]["do"] == "begin"
    assert {key: looks[-1][key] for key in ("outcome", "champion", "challenger")} == {
        "outcome": "promoted", "champion": "sha256:old", "challenger": "churn:next",
    }  # fmt: skip


@pytest.mark.usefixtures("here")
def test_what_cannot_be_flown_is_refused_before_anything_is_asked(type_in):
    for words, code in (
        (("churn:next",), "P113"),
        (("sha256:" + "ab" * 32, "--control", "http://127.0.0.1:1"), "P113"),
        (("churn:next", "--resume"), "P"),
        ((), "P"),
        (("--resume", "--endpoint", "churn"), "P427"),
        (("churn:next", "--control", "http://127.0.0.1:1", "--kind", "ab", "--steps", "1,2"), "P410"),
    ):
        said = type_in("fly", *words)
        assert (said.status, said.out) == (2, ""), words
        assert f"error[{code}" in said.err, words


@pytest.mark.usefixtures("here")
def test_another_flight_at_the_server_is_named(type_in):
    with flying() as plane:
        plane.server.serve("churn-7-other", "sha256:x")
        said = type_in("fly", "churn:next", "--control", plane.url)
    assert said.status == 2
    assert "error[P361]: flight `churn-7-other` is on" in said.err

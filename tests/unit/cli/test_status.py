from __future__ import annotations

import json

import pytest


@pytest.fixture(autouse=True)
def project(here):
    (here / "trimtab.toml").write_text('name = "churn"\n[model]\npath = "m:a"\n[env.dev]\n[env.prod]\nafter = "dev"\n')


def test_where_nothing_was_released_nothing_runs(type_in):
    said = type_in("status")
    assert (said.status, said.out) == (0, "dev        nothing runs\nprod       nothing runs\n")


def test_as_json(type_in):
    (found,) = json.loads(type_in("status", "dev", "--json").out)["environments"]
    assert (found["environment"], found["well"], found["live"], found["released"]) == ("dev", True, None, None)

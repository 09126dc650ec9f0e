"""`trimtab flights policy`, on a journal that has a flight."""

from __future__ import annotations

import json

from tests.doubles.flights_logged import flown_into


def test_a_policy_is_valued(type_in, here):
    flown_into(here / "journal", 1000)
    said = type_in("flights", "policy", "churn", "--where", "in_plan = 'basic'")
    assert said.status == 0, said.err
    topics = [line.split()[0] for line in said.out.splitlines()]
    assert topics[:6] == ["policy", "flown", "ips", "normalised", "robust", "worth"]
    plain = json.loads(type_in("flights", "policy", "churn", "--unit", "principal", "--json").out)
    assert plain["units"] == 50
    assert plain["values"][0]["gain"]["value"] > 0


def test_what_is_not_there_is_named(type_in, here):
    flown_into(here / "journal", 10)
    assert "P436" in type_in("flights", "policy", "other").err
    assert "P932" in type_in("flights", "policy", "churn", "--where", "1; DROP TABLE x").err

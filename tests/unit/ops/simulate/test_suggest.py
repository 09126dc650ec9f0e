"""A plan for a stated risk."""

from dataclasses import replace
from pathlib import Path

import pytest

from trimtab.core.errors import RefusedError, UserError
from trimtab.ops.simulate.play import Runs
from trimtab.ops.simulate.report import Report
from trimtab.ops.simulate.simulate import Cast, simulate
from trimtab.ops.simulate.source import Described
from trimtab.ops.simulate.suggest import Risk, flight_lines, keeps, parse_risk, plans, suggest
from trimtab.project import project_of


def test_a_risk_is_read():
    assert parse_risk("bad=30, wrong=5%, within=1h") == Risk(30, 0.05, 3600)
    assert parse_risk("within=90m") == Risk(within_s=5400)


@pytest.mark.parametrize("text", ["", "bad", "bad=many", "worse=3", "within=1", "bad=3,bad=4"])
def test_what_is_no_risk_is_refused(text):
    with pytest.raises(UserError, match="P433"):
        parse_risk(text)


def test_only_what_may_be_done_in_time_is_tried(plan):
    tried = list(plans(plan, Risk(within_s=600)))
    assert tried
    assert all(one.watch_s * len(one.steps) < 600 <= one.give_up_s for one in tried)
    assert {one.limits for one in tried} == {plan.limits}


def test_a_risk_is_kept_or_missed_by_so_much(report: Report):
    assert keeps(report, Risk(1e6, 0.5, 1e6)) == 0
    tight = keeps(report, Risk(1, 0.5, 1e6))
    assert tight > keeps(report, Risk(5, 0.5, 1e6)) > 0
    assert keeps(report, Risk(1e6, 0.5, 1.0)) == pytest.approx(0.9)


def test_what_is_suggested_keeps_to_it_when_it_is_played_again(plan, world):
    cast, risk = Cast(Described(world), Described(world.healthy)), Risk(20, 0.05, 170.0)
    said = []
    found = suggest(plan, cast, risk, Runs(12, 1.0), lambda *words: said.append(words))
    assert keeps(simulate(found, cast, Runs(60, 1.0, seed=9)), replace(risk, bad=40)) == 0
    assert [topic for topic, _ in said] == ["tries", "best"]
    lines = "\n".join(flight_lines(found))
    project = project_of(f'name = "m"\n[model]\npath = "m:a"\n{lines}\n', Path("/p/trimtab.toml"))
    assert (project.flight.steps, project.flight.watch_s, project.flight.minimum) == (
        found.steps, found.watch_s, found.minimum,
    )  # fmt: skip


def test_what_cannot_be_kept_names_the_nearest(plan, world):
    cast = Cast(Described(world), Described(world.healthy))
    with pytest.raises(RefusedError, match=r"P434.*the nearest: canary"):
        suggest(plan, cast, Risk(0, 0.05, 100.0), Runs(10, 1.0), lambda *_: None)

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.core.traffic import Split
from trimtab.project import project_of
from trimtab.release.flight.plan import Limit, Plan

SMALL = 'name = "churn"\n[model]\npath = "model.joblib"\n'
FILE = Path("/somewhere/trimtab.toml")


def plan_in(text):
    return project_of(SMALL + text, FILE).flight


def test_a_file_that_says_nothing_has_the_default_plan():
    assert plan_in("") == Plan()


def test_everything_that_can_be_said():
    plan = plan_in(
        '[flight]\nkind = "ab"\nsteps = [20]\nwatch = "1h"\ngive_up = "2d"\nby = "header:X-User"\nminimum = 7\n'
        'alpha = 0.01\nhold = true\nkeep = "1m"\n'
        '[limits]\np99 = { at_most = "80ms", worse_by = 1.5 }\nerrors = { at_most = 0.005 }\n'
        "accuracy = { at_least = 0.8, warn_only = true }\n"
    )
    assert plan == Plan(
        "ab", (0.2,), 3600.0, 172800.0, 7,
        (Limit("p99", at_most=0.08, worse_by=1.5), Limit("errors", at_most=0.005),
         Limit("accuracy", at_least=0.8, warn_only=True)),
        0.01, Split("header", "x-user"), 60.0, hold=True,
    )  # fmt: skip
    assert type(plan.limits[0].at_most) is float


def test_each_kind_has_steps_of_its_own():
    assert plan_in('[flight]\nkind = "shadow"\n').steps == (1.0,)
    assert plan_in("[flight]\nsteps = [1, 10.5]\n").steps == (0.01, 0.105)


@pytest.mark.parametrize(
    ("text", "code", "what"),
    [
        ("[limits]\np99 = { at_most = 0.08 }", "P106", "no unit, and `p99` is a time"),
        ('[limits]\nerrors = { at_most = "5ms" }', "P105", "`errors` is no time"),
        ("[limits]\nerrors = { warn_only = true }", "P107", "limit `errors` has no bound"),
        ("[limits]\np99 = { worse_by = 0.5 }", "P105", "a factor above 1"),
        ("[limits]\nerrors = { at_most = true }", "P104", "not a number"),
        ('[limits]\np99 = { at_most = "80" }', "P106", "no unit"),
        ("[flight]\nsteps = [50, 5]", "P105", "no shares in percent that grow"),
        ("[flight]\nsteps = [5, 500]", "P105", "no shares"),
        ("[flight]\nsteps = []", "P105", "no shares"),
        ('[flight]\nsteps = ["5%"]', "P104", "not an array of numbers"),
        ('[flight]\nby = "user"', "P105", "none of `request`"),
        ('[flight]\nkind = "green"', "P105", "not one of"),
    ],
)
def test_what_cannot_be_flown_is_refused_with_its_line(text, code, what):
    with pytest.raises(UserError) as caught:
        plan_in(text + "\n")
    (problem,) = caught.value.problems
    assert problem.code == code
    assert what in problem.what
    assert problem.where.startswith("trimtab.toml:5 ")

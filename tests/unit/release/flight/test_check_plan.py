from __future__ import annotations

from dataclasses import replace

import pytest

from trimtab.core.traffic import Split
from trimtab.release.flight.check_plan import check_plan
from trimtab.release.flight.plan import KINDS, Limit, Plan

STEPS = {"canary": (0.05, 0.5), "ab": (0.5,), "blue-green": (1.0,), "shadow": (0.1, 1.0)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_of_each_kind_has_no_fault(kind) -> None:
    assert check_plan(Plan(kind, steps=STEPS[kind])) == []


def test_the_plan_that_is_taken_where_none_is_given_has_no_fault() -> None:
    assert check_plan(Plan()) == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"steps": ()}, "P410", "no step"),
        ({"steps": (0.0, 0.5)}, "P410", "0 %, 50 %"),
        ({"steps": (0.5, 1.5)}, "P410", "150 %"),
        ({"steps": (0.5, float("nan"))}, "P410", "nan"),
        ({"steps": (0.5, 0.05)}, "P410", "do not grow"),
        ({"steps": (0.5, 0.5)}, "P410", "do not grow"),
        ({"kind": "ab"}, "P410", "one share, not 3"),
        ({"kind": "blue-green"}, "P410", "all at once"),
        ({"watch_s": -1.0}, "P411", "`watch_s`"),
        ({"give_up_s": float("inf")}, "P411", "`give_up_s`"),
        ({"keep_s": float("nan")}, "P411", "`keep_s`"),
        ({"alpha": 0.0}, "P411", "`alpha`"),
        ({"alpha": 1.0}, "P411", "`alpha`"),
        ({"minimum": 0}, "P411", "`minimum`"),
        ({"watch_s": 1200.0}, "P411", "watching alone takes 3600 s"),
        ({"kind": "blue-green", "steps": (1.0,), "keep_s": 7200.0}, "P411", "watching alone takes 7200 s"),
        ({"split": Split("header")}, "P412", "header without a name"),
        ({"split": Split("column")}, "P412", "column without a name"),
        ({"limits": (Limit("errors"), Limit("p99", at_most=1.0))}, "P413", "says nothing"),
        ({"limits": (Limit("errors", at_most=1.0),)}, "P413", "cannot be 1"),
        ({"limits": (Limit("errors", at_most=0.0),)}, "P413", "cannot be 0"),
        ({"limits": (Limit("errors", at_least=0.5),)}, "P413", "better the smaller"),
        ({"limits": (Limit("p99", worse_by=0.9),)}, "P413", "cannot be 0.9"),
        ({"limits": (Limit("auc", at_least=float("nan")),)}, "P413", "no number"),
        ({"limits": (Limit("shift", worse_by=0.1),)}, "P413", "comparison already"),
        (
            {"kind": "blue-green", "steps": (1.0,), "limits": (Limit("disagreement", at_most=0.1),)},
            "P414",
            "`blue-green` has none",
        ),
        ({"kind": "shadow", "limits": (Limit("auc", at_least=0.1),)}, "P414", "a shadow has no `auc`"),
        ({"limits": ()}, "P415", "no limit can say no"),
        ({"limits": (Limit("errors", at_most=0.1, warn_only=True),)}, "P415", "no limit can say no"),
        ({"steps": (0.5, 1.0)}, "P415", "at 100 % nobody is left to compare `errors` with"),
    ],
)
def test_each_fault_is_named(change, code: str, words: str) -> None:
    problems = check_plan(replace(Plan(), **change))
    assert [one.code for one in problems] == [code]
    assert words in problems[0].what
    assert problems[0].where
    assert problems[0].hint


def test_all_faults_are_named_at_once() -> None:
    plan = Plan(steps=(), watch_s=-1.0, alpha=2.0, minimum=0, limits=(Limit("errors"), Limit("p99", at_least=1.0)))
    codes = [one.code for one in check_plan(plan)]
    assert codes == ["P410", "P411", "P411", "P411", "P413", "P413"]


def test_at_the_last_step_a_limit_of_the_challenger_alone_may_be_proved() -> None:
    assert check_plan(Plan(steps=(0.5, 1.0), limits=(Limit("errors", at_most=0.02),))) == []

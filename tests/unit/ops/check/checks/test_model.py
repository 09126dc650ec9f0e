import json

import numpy as np
import pytest

from trimtab.ops.check.checks.model import check
from trimtab.project.check import Invariant

CHANCE = np.random.default_rng(11)
X, REGION, PLAN = CHANCE.random(800) * 99, CHANCE.choice(["n", "s"], 800), CHANCE.choice(["basic", "plus"], 800)


@pytest.fixture
def held(tmp_path):
    """held(weak): rows whose truth is what the model says, but for half of those in a weak region."""

    def write(*, weak: bool):
        true = X > 50
        wrong = (REGION == "s") & (CHANCE.random(800) < 0.5) if weak else np.zeros(800, bool)
        path = tmp_path / "held.jsonl"
        told = zip(X, PLAN, REGION, true ^ wrong, strict=True)
        path.write_text("\n".join(json.dumps({"x": x, "plan": p, "region": r, "was": bool(t)}) for x, p, r, t in told))
        return {"held": path, "truth": "was", "metric": "accuracy", "groups": ("region",)}

    return write


def test_a_healthy_model_passes_all_of_it(subject, bench, held, verdicts):
    wanted = held(weak=False) | {"monotone": {"x": "up"}, "invariants": (Invariant("plan", ("plan",)),)}
    found = verdicts(check(subject(wanted=wanted), bench()).measures)
    assert set(found.values()) == {"PASS"}
    assert {"order", "nulls", "extremes", "categories", "monotone x", "invariant plan", "group region = n",
            "other groups"} <= set(found)  # fmt: skip


def test_a_model_that_depends_on_the_order_of_rows_fails(subject, bench, verdicts):
    def ordered(table):
        return {"y": np.arange(table.height) * 0.01}

    found = verdicts(check(subject(), bench({"": ordered})).measures)
    assert found["order"] == "FAIL"


def test_a_weak_group_fails_by_its_name(subject, bench, held, verdicts):
    found = verdicts(check(subject(wanted=held(weak=True)), bench()).measures)
    assert (found["group region = s"], found["group region = n"]) == ("FAIL", "PASS")


def test_what_the_project_declares_is_held(subject, bench, verdicts):
    wanted = {"monotone": {"x": "down"}, "invariants": (Invariant("x", ("x",)),)}
    found = verdicts(check(subject(wanted=wanted), bench()).measures)
    assert (found["monotone x"], found["invariant x"]) == ("FAIL", "FAIL")


@pytest.mark.parametrize(("wanted", "verdict"), [({}, "WARN"), ({"groups": ("region",)}, "UNKNOWN")])
def test_groups_without_held_rows_are_a_warning_and_where_some_are_named_unknown(
    wanted, verdict, subject, bench, verdicts
):
    assert verdicts(check(subject(wanted=wanted), bench()).measures)["groups"] == verdict

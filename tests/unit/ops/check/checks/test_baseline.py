import json

import numpy as np
import pytest

from trimtab.ops.check.checks.baseline import check
from trimtab.ops.check.subject import CannotError
from trimtab.release.flight.plan import Limit

CHANCE = np.random.default_rng(2)
X = CHANCE.random(400) * 99
TRUE = CHANCE.random(400) < X / 100


@pytest.fixture
def held(tmp_path):
    path = tmp_path / "held.jsonl"
    rows = zip(X, TRUE, strict=True)
    path.write_text("\n".join(json.dumps({"x": x, "plan": "plus", "was": bool(true)}) for x, true in rows))
    return {"held": path, "truth": "was", "metric": "auc"}


def random(table):
    return {"y": np.random.default_rng(9).random(table.height)}


def sensible(table):
    return {"y": table.columns["x"].values / 100}


def contrary(table):
    return {"y": 1 - table.columns["x"].values / 100}


@pytest.mark.parametrize(
    ("model", "wanted", "verdict"),
    [
        (None, {}, "PASS"),
        (contrary, {}, "FAIL"),
        (random, {}, "UNKNOWN"),
        (None, {"metric": "logloss"}, "PASS"),
        (contrary, {"metric": "logloss"}, "FAIL"),
        (None, {"baseline": 0.6}, "PASS"),
        (None, {"baseline": 0.99}, "FAIL"),
        (None, {"baseline": "own:rule"}, "FAIL"),  # it is that rule
        (None, {"metric": "own:share"}, "PASS"),
    ],
)
def test_a_model_that_is_no_better_than_none_fails(model, wanted, verdict, subject, bench, held):
    functions = {
        "own:rule": lambda rows: (rows["x"] / 100).tolist(),
        "own:share": lambda truth, answers: float(((answers > 0.5) == truth.astype(bool)).mean()),
    }
    made = check(subject(wanted=held | wanted), bench({"": model or sensible}, functions=functions))
    assert made.measures[0].name == "better"
    assert made.measures[0].verdict == verdict


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [({"at_least": 0.5}, "PASS"), ({"at_least": 0.99}, "FAIL"), ({"at_least": 0.99, "warn_only": True}, "WARN")],
)
def test_a_limit_of_its_metric_is_held(limit, verdict, subject, bench, held):
    made = check(subject(wanted=held, limits=(Limit("auc", **limit),)), bench())
    assert [one.verdict for one in made.measures] == ["PASS", verdict]


def test_too_few_rows_are_unknown(subject, bench, held):
    with pytest.raises(CannotError, match="400 held rows are fewer than the 500 that are needed"):
        check(subject(wanted=held | {"minimum": 500}), bench())


def test_a_function_that_answers_something_else_is_unknown(subject, bench, held):
    for functions, wanted in (({"own:rule": lambda rows: [1]}, {"baseline": "own:rule"}),  # noqa: ARG005
                              ({"own:m": lambda **_: "good"}, {"metric": "own:m"})):  # fmt: skip
        with pytest.raises(CannotError, match="own:"):
            check(subject(wanted=held | wanted), bench(functions=functions))

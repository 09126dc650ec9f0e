import json

import numpy as np
import pytest

from trimtab.ops.check.score import scored
from trimtab.ops.check.subject import CannotError


@pytest.fixture
def wanted(tmp_path):
    path = tmp_path / "held.jsonl"
    path.write_text("\n".join(json.dumps({"x": float(x), "plan": "plus", "was": x > 50}) for x in range(100)))
    return {"held": path, "truth": "was", "metric": "auc"}


def test_held_rows_are_scored_by_the_metric_that_is_named(subject, bench, wanted):
    one = subject(wanted=wanted)
    found = scored(one, bench(), one.bundle)
    assert (found.rows, found.field.name, found.better, found.metric(np.arange(100))) == (100, "y", 1, 1.0)
    one = subject(wanted=wanted | {"metric": "mae"})
    assert scored(one, bench(), one.bundle).better == -1


def test_a_function_of_the_project_is_asked_for_the_rows_that_are_drawn(subject, bench, wanted):
    one = subject(wanted=wanted | {"metric": "own:count"})
    functions = {"own:count": lambda truth, answers: len(truth) + len(answers)}
    assert scored(one, bench(functions=functions), one.bundle).metric(np.arange(7)) == 14.0
    with pytest.raises(CannotError, match="`own:count` answers True, not a number"):
        scored(one, bench(functions={"own:count": lambda **_: True}), one.bundle).metric(np.arange(7))

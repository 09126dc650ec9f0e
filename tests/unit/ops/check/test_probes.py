from dataclasses import replace

import numpy as np
import pytest

from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.probes import probes, probes_of


def failing(test, what):
    def ask(table):
        if test(table):
            raise NoAnswerError(0, 1, what)
        return {"y": np.zeros(table.height)}

    return ask


def null_in(name):
    return lambda table: table.columns[name].missing is not None and bool(table.columns[name].missing.any())


OPEN = Signature(
    (Field("x", "FP64", nullable=True), Field("n", "INT8"), Field("plan", "BYTES"), Field("is", "BOOL")),
    (Field("y", "FP64"),),
    "arrays",
)
ROWS = Table(
    {
        "x": Column(np.array([1.0, 5.0])),
        "n": Column(np.array([3, 4], np.int8)),
        "plan": Column(np.array(["a", "b"], object)),
        "is": Column(np.array([True, False])),
    },
    2,
)


def test_a_healthy_model_answers_all_that_is_allowed_and_the_rest_is_refused(signature, table, good, verdicts):
    found = probes(good, signature, table())
    assert verdicts(found) == dict.fromkeys(["nulls", "extremes", "categories"], "PASS")
    assert {one.name: one.count for one in found} == {"nulls": 2, "extremes": 4, "categories": 3}


def test_what_is_tried_keeps_to_the_bounds_or_goes_far_beyond_what_was_seen():
    tried = {(one.field.name, one.value, one.allowed) for one in probes_of(OPEN, ROWS)}
    assert tried == {
        ("x", None, True), ("x", -49.0, True), ("x", 55.0, True), ("n", None, False), ("n", -37, True), ("n", 44, True),
        ("plan", None, False), ("plan", "never seen before", True), ("is", None, False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "failed"),
    [
        (failing(null_in("x"), "no null"), "nulls"),
        (failing(lambda table: table.columns["x"].values[0] > 50, "overflow"), "extremes"),
        (failing(lambda table: table.columns["n"].values[0] < 0, "index -37"), "extremes"),
        (failing(lambda table: table.columns["plan"].values[0] not in "ab", "KeyError"), "categories"),
        (lambda table: {"y": np.log(table.columns["n"].values.astype(float) * 0)}, None),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_each_planted_fault_is_found_by_name(model, failed):
    found = {one.name: one for one in probes(model, OPEN, ROWS)}
    bad = {name for name, one in found.items() if one.verdict == "FAIL"}
    assert bad == ({failed} if failed else {"nulls", "extremes", "categories"})
    says = found[failed or "extremes"].says
    assert ("is allowed, and not answered" if failed else "makes `y` no number") in says


def test_an_output_that_may_be_null_may_be_no_number(verdicts):
    outputs = (replace(OPEN.outputs[0], nullable=True),)
    found = probes(lambda table: {"y": np.full(table.height, np.nan)}, replace(OPEN, outputs=outputs), ROWS)
    assert set(verdicts(found).values()) == {"PASS"}

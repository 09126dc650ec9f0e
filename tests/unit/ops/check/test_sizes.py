import numpy as np
import pytest

from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.sizes import sizes

TOLERANCE = (1e-6, 1e-9)
ALL = ["no rows", "one row", "many rows", "again", "order", "duplicates", "alone"]


def centred(table):
    """Depends on what is beside a row."""
    x = table.columns["x"].values
    return {"y": x - (x.mean() if len(x) else 0.0)}


def ordered(table):
    """Depends on where a row stands."""
    return {"y": table.columns["x"].values + np.arange(table.height)}


def fickle():
    chance = np.random.default_rng(0)
    return lambda table: {"y": chance.random(table.height)}


def no_empty(table):
    if not table.height:
        raise NoAnswerError(0, 0, "ValueError: zero rows")
    return {"y": table.columns["x"].values}


def short(table):
    return {"y": table.columns["x"].values[:-1]}


def narrow(table):
    return {"y": table.columns["x"].values.astype(np.float32)}


def matrix(table):
    return {"y": np.ones((table.height, 2))}


def misnamed(table):
    return {"z": table.columns["x"].values}


def test_a_healthy_model_holds(good, signature, table, verdicts):
    assert verdicts(sizes(good, signature, table(), TOLERANCE)) == dict.fromkeys(ALL, "PASS")


@pytest.mark.parametrize(
    ("model", "failed"),
    [
        (centred, {"alone"}),
        (ordered, {"order", "duplicates", "alone"}),
        (fickle(), {"again", "order", "duplicates", "alone"}),
        (no_empty, {"no rows"}),
        (short, {"one row", "many rows"}),
        (narrow, {"no rows", "one row", "many rows"}),
        (matrix, {"no rows", "one row", "many rows"}),
        (misnamed, {"no rows", "one row", "many rows"}),
    ],
)
def test_each_planted_fault_is_found(model, failed, signature, table):
    found = sizes(model, signature, table(), TOLERANCE)
    assert {one.name for one in found if one.verdict == "FAIL"} == failed
    assert all(one.says for one in found if one.verdict == "FAIL")

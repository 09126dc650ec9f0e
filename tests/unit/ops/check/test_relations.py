import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.relations import invariants, monotone
from trimtab.project.check import Invariant


def biased(table):
    return {"y": table.columns["x"].values / 100 + (table.columns["plan"].values == "plus") * 0.2}


def bumpy(table):
    x = table.columns["x"].values
    return {"y": x / 100 - np.where((x > 40) & (x < 60), 0.3, 0.0)}


def broken(_table):
    raise NoAnswerError(0, 1, "no")


PLAN = Invariant("plan", ("plan",))


def test_an_input_that_does_not_matter_is_found_not_to(good, signature, table):
    [found] = invariants(good, signature, table(), [PLAN])
    assert (found.name, found.verdict, found.value) == ("invariant plan", "PASS", 0.0)


def test_an_input_that_matters_is_found_with_how_much(signature, table):
    [found] = invariants(biased, signature, table(), [PLAN])
    assert (found.verdict, found.value, found.limit) == ("FAIL", pytest.approx(0.2), 0.0)
    assert "changes with `plan`" in found.says
    [kept] = invariants(biased, signature, table(), [Invariant("plan", ("plan",), 0.21)])
    assert kept.verdict == "PASS"


def test_what_cannot_be_tried_is_unknown(good, signature, table):
    rows = table(4)
    same = Table({**rows.columns, "plan": Column(np.array(["basic"] * 4, object))}, 4)
    [one] = invariants(good, signature, same, [PLAN])
    [other] = invariants(good, signature, rows, [Invariant("z", ("zone",))])
    assert [(one.verdict, other.verdict), other.says] == [("UNKNOWN", "UNKNOWN"), "there is no input `zone`"]
    found = monotone(good, signature, rows, {"plan": "up", "zone": "up"}, "y")
    assert [one.verdict for one in found] == ["UNKNOWN", "UNKNOWN"]
    level = Table({**rows.columns, "x": Column(np.ones(4))}, 4)
    assert [one.verdict for one in monotone(good, signature, level, {"x": "up"}, "y")] == ["UNKNOWN"]


def test_a_model_that_fails_at_other_values_fails(signature, table):
    assert [one.verdict for one in invariants(broken, signature, table(), [PLAN])] == ["FAIL"]
    assert [one.verdict for one in monotone(broken, signature, table(), {"x": "up"}, "y")] == ["FAIL"]


def test_texts_and_nulls_can_change_too(signature, table):
    def words(rows):
        return {"y": rows.columns["plan"].values, "z": np.where(rows.columns["plan"].values == "plus", np.nan, 1.0)}

    found = invariants(words, signature, table(), [PLAN])
    assert (found[0].verdict, found[0].value) == ("FAIL", np.inf)


@pytest.mark.parametrize(
    ("direction", "model", "verdict"), [("up", "good", "PASS"), ("down", "good", "FAIL"), ("up", "bumpy", "FAIL")]
)
def test_a_direction_is_held_over_the_values_that_were_seen(direction, model, verdict, good, signature, table):
    [found] = monotone(good if model == "good" else bumpy, signature, table(), {"x": direction}, "y")
    assert found.verdict == verdict
    assert ("goes the other way" in found.says) == (verdict == "FAIL")


def test_of_classes_the_last_one_counts(signature, table):
    def classes(rows):
        x = rows.columns["x"].values / 100
        return {"y": np.stack([1 - x, x], axis=1)}

    assert [one.verdict for one in monotone(classes, signature, table(), {"x": "up"}, "y")] == ["PASS"]

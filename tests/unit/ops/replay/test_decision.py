"""When a decision has changed: the rule for each kind of output."""

import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.ops.replay.decision import Rule, Wanted, called, changed, moved, rules_of

NONE = Wanted({})


def column(values, dtype=None, missing=None):
    return Column(np.array(values, dtype), None if missing is None else np.array(missing, bool))


def rule(field, before, wanted=NONE):
    (found,) = rules_of([field], {field.name: before}, wanted)
    return found


@pytest.mark.parametrize(
    ("field", "before", "how"),
    [
        (Field("y", "BYTES"), column(["a"], object), "label"),
        (Field("y", "BOOL"), column([True]), "label"),
        (Field("y", "INT64"), column([3]), "label"),
        (Field("y", "INT64", (-1, 2)), column([[3, 4]]), "label"),
        (Field("y", "FP64"), column([0.5]), "number"),
        (Field("y", "FP64", (-1, 3)), column([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]), "classes"),
        (Field("y", "FP32", (-1, 2)), column([[0.1, 0.9]], np.float32), "classes"),
        (Field("y", "FP64", (-1, 2)), column([[0.2, 0.9]]), "number"),
        (Field("y", "FP64", (-1, 2)), column([[-0.2, 1.2]]), "number"),
        (Field("y", "FP64", (-1, 1)), column([[1.0]]), "number"),
        (Field("y", "FP64", (-1, 2), categories=("a", "b")), column([[3.0, 4.0]]), "classes"),
        (Field("y", "FP64", (-1, 2)), column(np.empty((0, 2))), "number"),
    ],
)
def test_what_an_output_is_follows_from_its_field_and_its_values(field, before, how):
    assert rule(field, before).how == how


def test_where_an_output_decides_plain_numbers_do_not():
    fields = [Field("label", "BYTES"), Field("score", "FP64")]
    before = {"label": column(["a"], object), "score": column([0.5])}
    assert [one.decides for one in rules_of(fields, before, NONE)] == [True, False]
    assert [one.decides for one in rules_of(fields, before, Wanted({"score": 0.5}))] == [True, True]
    assert [one.decides for one in rules_of(fields, before, Wanted({}, ("score",)))] == [False, True]
    assert rules_of(fields[1:], before, NONE)[0].decides


def test_labels_change_when_they_are_other_ones_and_null_is_equal_to_null():
    before, after = column(["a", "b", None, None], object), column(["a", "c", None, "a"], object)
    assert changed(rule(Field("y", "BYTES"), before), before, after).tolist() == [False, True, False, True]
    before, after = column([1, 2, 0], missing=[0, 0, 1]), column([1, 3, 0])
    assert changed(rule(Field("y", "INT64"), before), before, after).tolist() == [False, True, True]


def test_rows_of_labels_and_lists_of_any_length_are_compared_whole():
    before, after = column([[1, 2], [3, 4]]), column([[1, 2], [3, 5]])
    assert changed(rule(Field("y", "INT64", (-1, 2)), before), before, after).tolist() == [False, True]
    pieces = np.empty(3, object)
    pieces[:] = [np.array(["a", "b"], object), np.array([], object), None]
    other = pieces.copy()
    other[0] = np.array(["a", "x"], object)
    before, after = Column(pieces), Column(other)
    found = rule(Field("y", "BYTES", (-1, -1)), before)
    assert changed(found, before, after).tolist() == [True, False, False]
    assert changed(found, before, before).tolist() == [False] * 3


def test_with_a_threshold_only_its_sides_count():
    before, after = column([0.1, 0.49, 0.5, np.nan, np.nan]), column([0.4, 0.5, 0.9, np.nan, 0.7])
    found = rule(Field("y", "FP64"), before, Wanted({"y": 0.5}))
    assert changed(found, before, after).tolist() == [False, True, False, False, True]
    assert called(found, before, np.arange(5)) == ["< 0.5", "< 0.5", ">= 0.5", "null", "null"]


def test_chances_of_classes_change_with_the_likeliest():
    before = column([[0.6, 0.4], [0.6, 0.4], [np.nan, np.nan]])
    after = column([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]])
    found = rule(Field("y", "FP64", (-1, 2), categories=("no", "yes")), before)
    assert changed(found, before, after).tolist() == [False, True, True]
    assert called(found, after, np.array([1, 0])) == ["yes", "no"]


def test_classes_are_held_together_by_their_names_not_by_their_places():
    field = Field("y", "FP64", (-1, 3), categories=("no", "maybe", "yes"))
    was = Field("y", "FP64", (-1, 2), categories=("yes", "no"))
    before, after = column([[0.9, 0.1], [0.9, 0.1]]), column([[0.1, 0.2, 0.7], [0.7, 0.2, 0.1]])
    (found,) = rules_of([field], {"y": before}, NONE, {"y": was})
    assert changed(found, before, after).tolist() == [False, True]
    assert called(found, before, np.arange(2), then=True) == ["yes", "yes"]
    assert called(found, after, np.arange(2)) == ["yes", "no"]
    (unknown,) = rules_of([field], {"y": before}, NONE)
    assert called(unknown, before, np.arange(1), then=True) == ["0"]


def test_numbers_may_be_off_as_far_as_golden_rows():
    before = column([100.0, 100.0, 0.0, np.nan, np.inf, np.inf])
    after = column([100.09, 100.2, 0.009, np.nan, np.inf, 1.0])
    found = rule(Field("y", "FP64"), before, Wanted({}, rtol=1e-3, atol=0.01))
    assert changed(found, before, after).tolist() == [False, True, False, False, False, True]


def test_rows_of_numbers_change_with_any_of_them():
    before, after = column([[1.0, 2.0], [3.0, 4.0]]), column([[1.0, 2.5], [3.0, 4.0]])
    assert changed(rule(Field("y", "FP64", (-1, 2)), before), before, after).tolist() == [True, False]
    assert changed(rule(Field("y", "FP64", (-1, 2)), before), before, column([[1.0], [3.0]])).tolist() == [True] * 2


def test_lists_of_numbers_of_any_length_too():
    one, other = np.empty(3, object), np.empty(3, object)
    one[:] = [np.array([1.0]), np.array([1.0, 2.0]), None]
    other[:] = [np.array([1.0]), np.array([1.0]), None]
    found = rule(Field("y", "FP64", (-1, -1)), Column(one))
    assert changed(found, Column(one), Column(other)).tolist() == [False, True, False]


def test_how_far_numbers_have_moved():
    assert moved(column([1.0, 2.0, np.inf]), column([1.5, np.nan, np.inf])).tolist()[::2] == [0.5, 0.0]
    assert np.isnan(moved(column([1.0, 2.0]), column([1.5, np.nan]))[1])
    assert moved(column([[0.6, 0.4]]), column([[0.1, 0.9]])).tolist() == [-0.5]
    assert np.isnan(moved(column([[0.0, 0.0]]), column([[0.0, np.nan]]))[0])
    assert moved(column([]), column([])).tolist() == []
    assert moved(column([[0.2, 0.3, 0.5]]), column([[0.2, 0.1, 0.7]])).tolist() == pytest.approx([-0.2])
    assert moved(column(["a"], object), column(["b"], object)) is None
    assert moved(column([[1.0]]), column([[1.0, 2.0]])) is None


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Rule("y", "label", decides=True), "`y`: another one"),
        (Rule("y", "threshold", decides=True, threshold=0.5), "`y`: on the other side of 0.5"),
        (Rule("y", "classes", decides=True), "`y`: another class is the likeliest"),
        (Rule("y", "number", decides=True, rtol=1e-6, atol=1e-9), "`y`: further than 1e-09 + 1e-06 of itself"),
    ],
)
def test_a_rule_says_itself(one, words):
    assert str(one) == words


def test_labels_are_called_by_their_values():
    assert called(Rule("y", "label", decides=True), column([True, False]), np.array([0, 1])) == ["true", "false"]
    assert called(Rule("y", "label", decides=True), column([b"\x01", None], object), np.arange(2)) == ["01", "null"]
    assert called(Rule("y", "label", decides=True), column([[1, 2]]), np.arange(1)) == ["[1, 2]"]

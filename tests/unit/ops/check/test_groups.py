import numpy as np

from trimtab.core.table import Column, Table
from trimtab.ops.check.groups import Bar, by_themselves, named, slices_of, slices_of_rows

CHANCE = np.random.default_rng(5)
REGION = np.array(["n", "s"] * 400 + ["w"] * 20, object)
ROWS = len(REGION)


def bar(right):
    return Bar(lambda places: float(right[places].mean()), float(right.mean()), 1, 0.1, 50)


def answered(weak: float):
    """Right or wrong: 90 % of all rows, so many of those in the south."""
    return CHANCE.random(ROWS) < np.where(REGION == "s", weak, 0.9)


def test_a_weak_group_fails_a_good_one_passes_and_a_small_one_is_unknown():
    found = {one.name: one for one in named(slices_of({"region": REGION}), bar(answered(0.4)))}
    assert {name: one.verdict for name, one in found.items()} == {
        "group region = n": "PASS", "group region = s": "FAIL", "group region = w": "UNKNOWN",
    }  # fmt: skip
    assert found["group region = w"].says == "fewer than 50 rows"
    assert found["group region = s"].count == 400


def test_a_healthy_model_passes():
    found = named(slices_of({"region": REGION[:800]}), bar(answered(0.9)[:800]))
    assert [one.verdict for one in found] == ["PASS", "PASS"]


def test_groups_that_nobody_named_are_a_warning_where_they_are_weak_for_sure():
    slices = slices_of({"region": REGION, "noise": CHANCE.random(ROWS)})
    assert len(slices) == 7
    worst = by_themselves(slices, bar(answered(0.5)))
    assert (worst.verdict, "region = s" in worst.says, "of 6 groups" in worst.says) == ("WARN", True, True)
    assert by_themselves(slices, bar(answered(0.9))).verdict == "PASS"


def test_a_group_that_is_weak_by_its_number_alone_is_none():
    right = np.array([1, 1, 0] * 20 + [1] * 40, float)
    found = by_themselves(slices_of({"g": np.array(["a"] * 60 + ["b"] * 40, object)}), bar(right))
    assert (found.verdict, found.value > 0.1) == ("PASS", True)


def test_no_group_that_is_large_enough_is_a_warning():
    assert by_themselves(slices_of({"g": np.arange(5)}), bar(np.ones(5))).verdict == "WARN"


def test_numbers_are_quartered_texts_of_many_values_are_no_groups_and_nulls_are_one():
    many = np.array([f"word {at}" for at in range(100)], object)
    missing = np.arange(100) < 3
    rows = Table(
        {
            "number": Column(np.arange(100)),
            "text": Column(many),
            "few": Column(np.array(["a", "b"] * 50, object), missing),
            "vector": Column(np.ones((100, 2))),
        },
        100,
    )
    found = dict(slices_of_rows(rows))
    assert sorted(found) == [
        "few = a", "few = b", "few = null", "number 0 to 24.75", "number 24.75 to 49.5", "number 49.5 to 74.25",
        "number 74.25 to 99",
    ]  # fmt: skip
    assert found["few = null"].tolist() == [0, 1, 2]
    assert sum(len(places) for name, places in found.items() if "number" in name) == 100

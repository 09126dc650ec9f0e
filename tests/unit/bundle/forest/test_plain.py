from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trimtab.bundle.forest import plain
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import EXACT, NONNEGATIVE, TRUNCATED, ZERO

SMALL = float(np.float32(1e-36))


def test_slots_are_columns_with_missing_values_replaced(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest()
    tables = replace(
        forest.tables, features=np.array([0, 0, 0, 0, 1], np.int32), kinds=np.array([0, 1, 2, 3, 4], np.uint8)
    )
    rows = np.array([[5.0, 1], [np.nan, 1], [SMALL, 1], [-ZERO, 1], [7.0, 1]])
    found = plain.slots(tables, replace(forest.facts, missing=7.0), rows)
    nan, low = np.nan, -np.inf
    wanted = [
        [5, 5, 5, 5, 0],
        [nan, low, nan, low, 0],
        [SMALL, SMALL, nan, low, 0],
        [-ZERO, -ZERO, nan, low, 0],
        [nan, low, nan, low, 0],
    ]
    assert np.array_equal(found, np.array(wanted), equal_nan=True)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (TRUNCATED, [True, True, False, True]),
        (NONNEGATIVE, [True, False, False, True]),
        (EXACT, [True, False, False, False]),
    ],
)
def test_rules_say_what_is_a_category(a_forest: Callable[..., Forest], rule: int, left: list[bool]) -> None:
    forest = a_forest("sets", rule=rule)
    rows = np.zeros((4, 2))
    rows[:, 0] = [2, -0.5, -1, 2.5]  # categories 0 and 2 go left
    rest = Forest(a_forest().tables, forest.facts, native=False)(rows)
    for native in (True, False):
        walk = Forest(forest.tables, forest.facts, native)
        assert ((walk(rows) - rest)[:, 0] == 10).tolist() == left


def test_many_rows_are_walked_in_parts(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest()
    rows = np.zeros((plain._AT_ONCE // len(forest.tables.group) + 3, 2))
    rows[-1] = 9
    scores = plain.raw_scores(forest.tables, forest.facts, rows)
    assert scores[0] == 30.0
    assert scores[-1] == 50.0

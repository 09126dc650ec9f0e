from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.kernels import library

ROWS = np.array([[0.0, 0.0], [2.0, 0.0], [np.nan, 5.0], [-1e300, np.nan]])

needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernel, which was not built: there is no C compiler"
)


def plainly(forest: Forest) -> Forest:
    """The same forest, walked in numpy."""
    return Forest(forest.tables, forest.facts, native=False)


def test_a_forest_sums_its_trees(a_forest: Callable[..., Forest]) -> None:
    # a stump on column 0, a leaf of 10, a stump on column 1; at both stumps a missing value goes left
    wanted = [[30.0], [40.0], [40.0], [30.0]]
    assert a_forest()(ROWS).tolist() == wanted
    assert plainly(a_forest())(ROWS).tolist() == wanted
    assert a_forest().predict(ROWS).tolist() == [row[0] for row in wanted]


def test_a_categorical_node_looks_at_its_set(a_forest: Callable[..., Forest]) -> None:
    rows = np.zeros((6, 2))
    rows[:, 0] = [0, 1, 2.9, -0.9, -1, np.nan]  # categories 0 and 2 go left, what is none goes right
    rest = [row[0] for row in a_forest()(rows)]
    for forest in (a_forest("sets"), plainly(a_forest("sets"))):
        assert [row[0] - other for row, other in zip(forest(rows), rest, strict=True)] == [10, 20, 10, 10, 20, 20]


@needs_kernel
def test_the_kernel_is_used_where_it_was_built(a_forest: Callable[..., Forest]) -> None:
    assert a_forest().native
    assert not plainly(a_forest()).native


@pytest.mark.parametrize("native", [True, False])
def test_rows_of_another_shape_or_dtype_are_refused(a_forest: Callable[..., Forest], native: bool) -> None:  # noqa: FBT001
    made = a_forest("plain", "float32")
    forest = Forest(made.tables, made.facts, native)
    for rows in (np.zeros(2, np.float32), np.zeros((1, 3), np.float32), np.zeros((1, 2, 1), np.float32)):
        with pytest.raises(ValueError, match=r"expected \[rows, 2\]"):
            forest(rows)
    with pytest.raises(ValueError, match="packed for rows of float32, got float64"):
        forest(np.zeros((1, 2)))
    casting = Forest(forest.tables, replace(forest.facts, casts=True), native)
    assert casting(np.array([[1e300, 1]])).tolist() == [[40.0]]


@pytest.mark.parametrize("native", [True, False])
def test_what_the_library_refuses_is_refused(a_forest: Callable[..., Forest], native: bool) -> None:  # noqa: FBT001
    made = a_forest()
    finite, missing, infinite = np.zeros((40, 2)), np.zeros((40, 2)), np.zeros((40, 2))
    missing[39, 1], infinite[0, 0] = np.nan, -np.inf
    strict = Forest(made.tables, replace(made.facts, refuses="missing"), native)
    lenient = Forest(made.tables, replace(made.facts, refuses="infinity"), native)
    assert np.array_equal(strict(finite), lenient(missing))
    with pytest.raises(ValueError, match="contain NaN"):
        strict(missing)
    for forest in (strict, lenient):
        with pytest.raises(ValueError, match="contain infinity"):
            forest(infinite)


@pytest.mark.parametrize("native", [True, False])
def test_any_layout_of_rows_gives_the_same(a_forest: Callable[..., Forest], native: bool) -> None:  # noqa: FBT001
    made = a_forest("sets")
    forest = Forest(made.tables, made.facts, native)
    rows = np.round(np.random.default_rng(1).normal(size=(150, 2)) * 2)
    wanted = forest(rows)
    shifted = np.frombuffer(b"\0" + rows.tobytes(), np.uint8)[1:].view(np.float64).reshape(rows.shape)
    assert not shifted.flags.aligned
    for other in (np.asfortranarray(rows), np.repeat(rows, 3, axis=1)[:, ::3], rows[::-1][::-1], shifted):
        assert np.array_equal(forest(other), wanted)
    assert np.array_equal(forest(rows[::-1]), wanted[::-1])
    for count in (1, 4, 5, 8, 9, 32, 33, 63, 64, 65, 127, 129):
        assert np.array_equal(forest(rows[:count]), wanted[:count])
    assert np.array_equal(forest(rows.astype(">f8")), wanted)
    assert np.array_equal(forest(rows.astype(np.int8)), wanted)

"""Weighted sums in the kernel and in numpy, beside each other and beside arithmetic that is spelled out."""

from __future__ import annotations

import ctypes
import math
import threading
from pathlib import Path

import numpy as np
import pytest

from trimtab.bundle.engines import weighing
from trimtab.bundle.engines.weighing import Weights, in_numpy
from trimtab.bundle.kernels import library

CHANCE = np.random.default_rng(7)
needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)


def some(columns: int = 5, outputs: int = 1, *, fill: float | None = None, sigmoid: bool = False) -> Weights:
    return Weights(
        CHANCE.normal(size=(columns, outputs)),
        CHANCE.normal(size=outputs),
        np.full(columns, 1e6),
        None if fill is None else np.full(columns, fill),
        sigmoid,
    )


@needs_kernel
@pytest.mark.parametrize("sigmoid", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 31, 32, 33, 500])
def test_the_kernel_and_numpy_agree(count: int, outputs: int, sigmoid: bool) -> None:  # noqa: FBT001 - a parameter
    weights = some(outputs=outputs, sigmoid=sigmoid)
    rows = CHANCE.normal(size=(count, 5)) * 3
    np.testing.assert_allclose(weighing.weighing(weights)(rows), in_numpy(weights, rows), rtol=1e-13, atol=1e-13)


@needs_kernel
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_row_has_the_same_answer_alone_and_among_others(outputs: int) -> None:
    weigh = weighing.weighing(some(30, outputs, sigmoid=True))
    rows = CHANCE.normal(size=(77, 30))
    together = weigh(rows)
    for at in range(77):
        assert np.array_equal(weigh(rows[at : at + 1]), together[at : at + 1])


@pytest.mark.parametrize("native", [pytest.param(True, marks=needs_kernel), False])
class TestBothWays:
    def run(self, native: bool, weights: Weights, rows: list[list[float]]) -> list[list[float]]:  # noqa: FBT001 - a parameter
        given = np.array(rows)
        found = weighing.weighing(weights)(given) if native else in_numpy(weights, given)
        assert isinstance(found, np.ndarray)
        return [list(row) for row in found]

    def test_the_sum_is_the_sum(self, native: bool) -> None:  # noqa: FBT001 - a parameter
        weights = Weights(np.array([[2.0], [-1.0]]), np.array([0.5]), np.full(2, 9.0), None, sigmoid=False)
        assert self.run(native, weights, [[1, 2], [3, -4]]) == [[0.5], [10.5]]

    def test_scores_far_from_zero_become_zero_and_one_without_a_warning(self, native: bool) -> None:  # noqa: FBT001 - a parameter
        weights = Weights(np.array([[1.0]]), np.array([0.0]), np.full(1, 1e300), None, sigmoid=True)
        assert self.run(native, weights, [[-1e4], [0], [1e4]]) == [[0.0], [0.5], [1.0]]

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 9.5, -9.5])
    @pytest.mark.parametrize("at", [0, 8, 40])
    def test_one_value_that_is_refused_refuses_all(self, native: bool, at: int, value: float) -> None:  # noqa: FBT001 - a parameter
        weights = Weights(np.ones((2, 1)), np.zeros(1), np.array([9.0, 9.0]), None, sigmoid=False)
        rows = [[1.0, 1.0]] * 41
        rows[at] = [1.0, value]
        with pytest.raises(ValueError, match="NaN, infinity or a value too large"):
            self.run(native, weights, rows)

    def test_a_missing_value_counts_as_the_fill_of_its_column(self, native: bool) -> None:  # noqa: FBT001 - a parameter
        weights = Weights(
            np.array([[1.0], [10.0]]), np.zeros(1), np.full(2, 9.0), np.array([3.0, math.nan]), sigmoid=False
        )
        assert self.run(native, weights, [[math.nan, 1], [2, 2]]) == [[13.0], [22.0]]
        with pytest.raises(ValueError, match="NaN"):
            self.run(native, weights, [[1, math.nan]])


@needs_kernel
@pytest.mark.parametrize("weight", [1.0, 1e200])
def test_what_may_overflow_is_computed_by_numpy(weight: float) -> None:
    weights = Weights(
        CHANCE.normal(size=(3, 1)) * weight, np.zeros(1), np.full(3, np.finfo(float).max), None, sigmoid=False
    )
    rows = np.array([[1.0, 2.0, 3.0], [1e308, 1e308, -1e308], [1.7e308, 1.7e308, 1.7e308]])
    with np.errstate(all="ignore"):
        assert np.array_equal(weighing.weighing(weights)(rows), in_numpy(weights, rows))


@needs_kernel
def test_singles_and_columns_that_lie_apart_are_taken() -> None:
    weigh = weighing.weighing(some())
    rows = CHANCE.normal(size=(40, 5)).astype(np.float32)
    wanted = weigh(rows.astype(np.float64))
    for count in (3, 40):
        assert np.array_equal(weigh(rows[:count]), wanted[:count])
        assert np.array_equal(weigh(np.asfortranarray(rows)[:count]), wanted[:count])


@needs_kernel
def test_wide_rows_need_no_buffer_of_their_own() -> None:
    wide = weighing._SMALL_VALUES
    weights = Weights(np.ones((wide, 1)), np.zeros(1), np.full(wide, 9.0), None, sigmoid=False)
    weigh = weighing.weighing(weights)
    assert weigh(np.ones((2, wide))).tolist() == [[wide], [wide]]
    assert weigh._small is None


@needs_kernel
def test_threads_do_not_disturb_each_other() -> None:
    weigh, wrong = weighing.weighing(some()), []
    rows = CHANCE.normal(size=(40, 5))
    wanted = weigh(rows)

    def ask(first: int) -> None:
        for turn in range(300):
            at = (first + turn) % 40
            if not np.array_equal(weigh(rows[at : at + 1]), wanted[at : at + 1]):
                wrong.append(at)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_structure_is_the_one_of_the_c_source(root: Path) -> None:
    """Names, order and sizes, read from the source: nothing else would notice."""
    source = (root / "src/trimtab/bundle/engines/linear.c").read_text()
    body = source.partition("declares the same */\n")[2].partition("} trimtab_linear;")[0]
    sizes = {"int64_t": 8, "int32_t": 4}
    declared = []
    for line in body.splitlines():
        kind, _, names = line.partition("/*")[0].strip().removeprefix("const ").rstrip(" ;").partition(" ")
        declared += [(name.strip(" *"), 8 if "*" in name else sizes[kind]) for name in names.split(",") if name]
    assert [(name, ctypes.sizeof(kind)) for name, kind in weighing._Linear._fields_] == declared

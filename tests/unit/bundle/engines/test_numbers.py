"""Each step on numbers has the bits of the transformer that it stands for, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, PolynomialFeatures, StandardScaler

from trimtab.bundle.engines.numbers import FUNCTIONS, absent, binned, filled, floats, product, refuse, scaled
from trimtab.bundle.engines.steps import Bins, Fill, Floats, Move, Products, Scale
from trimtab.core.dtypes import Array

CHANCE = np.random.default_rng(2)
ROWS = CHANCE.normal(size=(500, 2)) * (1.0, 300.0) + (0.1, 2000.0)
HOLES = np.where(CHANCE.random(ROWS.shape) < 0.2, np.nan, ROWS)
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def same(found: Array, wanted: Any) -> None:
    assert found.dtype == wanted.dtype
    assert found.tobytes() == np.ascontiguousarray(wanted).tobytes()


@DTYPES
def test_a_standard_scaler(dtype: Any) -> None:
    model = StandardScaler().fit(ROWS)
    step = Scale((Move("minus", tuple(model.mean_.tolist())), Move("by", tuple(model.scale_.tolist()))))
    rows = ROWS.astype(dtype)
    before = rows.copy()
    same(scaled(step)(rows), model.transform(rows))
    same(rows, before)  # what it was given is left alone


@DTYPES
def test_wider_numbers_make_an_operation_wider(dtype: Any) -> None:
    """`MinMaxScaler` keeps FP64 numbers for rows of FP32, and rounds once an operation."""
    model = MinMaxScaler((0, 0.3), clip=True).fit(ROWS[:100])
    moves = Move("times", tuple(model.scale_.tolist()), "float64"), Move("plus", tuple(model.min_.tolist()), "float64")
    rows = ROWS.astype(dtype)
    same(scaled(Scale(moves, (0.0, 0.3)))(rows), model.transform(rows))


@DTYPES
def test_an_imputer_with_its_indicator(dtype: Any) -> None:
    rows = HOLES.astype(dtype)
    model = SimpleImputer(add_indicator=True).fit(rows)
    step = Fill(tuple(map(float, model.statistics_.tolist())), flags=(0, 1))
    same(filled(step)(rows), model.transform(rows))


def test_an_imputer_that_leaves_out_a_column_and_has_a_mark_of_its_own() -> None:
    rows = np.where(np.isnan(HOLES), -1.0, HOLES)
    found = filled(Fill((7.0,), keep=(1,), mark=-1.0))(rows)
    same(found, np.where(np.isnan(HOLES), 7.0, HOLES)[:, 1:])
    with pytest.raises(ValueError, match="NaN"):
        filled(Fill((7.0,), keep=(1,), mark=-1.0))(HOLES)


def test_integers_have_nothing_to_fill_and_may_stay() -> None:
    whole = np.arange(6).reshape(3, 2)
    same(filled(Fill((7.0, 8.0)))(whole), whole.astype(np.float64))
    same(filled(Fill((7.0, 8.0), mark=3.0, floats=False))(whole), np.where(whole == 3, 8, whole))


@DTYPES
@pytest.mark.parametrize("bias", [True, False])
def test_polynomials(dtype: Any, bias: bool) -> None:  # noqa: FBT001  # a parameter of the test
    rows = ROWS.astype(dtype)
    one = int(bias)
    groups = (one, one + 2, 0), (one + 1, one + 2, 1)
    found = product(Products(groups, bias, tuple(range(one + 5))))(rows)
    same(found, PolynomialFeatures(2, include_bias=bias).fit_transform(rows))


@DTYPES
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_bins(dtype: Any) -> None:
    rows = ROWS.astype(dtype)
    model = KBinsDiscretizer(5, encode="ordinal").fit(rows)
    edges = tuple(tuple(np.asarray(one, np.float64)[1:-1].tolist()) for one in model.bin_edges_)
    same(binned(Bins(edges))(rows), model.transform(rows))


def test_precisions() -> None:
    single, whole = ROWS.astype(np.float32), np.arange(4, dtype=np.int8).reshape(2, 2)
    assert floats(Floats(single=True))(single) is single
    same(floats(Floats())(single), single.astype(np.float64))
    same(floats(Floats(single=True))(whole), whole.astype(np.float64))
    same(floats(Floats(single=True))(single.astype(np.float16)), single.astype(np.float16).astype(np.float64))


@DTYPES
def test_zeros_become_missing(dtype: Any) -> None:
    same(absent(np.array([[0.0, -0.0, 2.0]], dtype)), np.array([[np.nan, np.nan, 2.0]], dtype))


@pytest.mark.parametrize(
    ("value", "refuses", "raised"),
    [
        (np.inf, "", False), (np.nan, "", False), (np.inf, "infinity", True), (np.nan, "infinity", False),
        (-np.inf, "missing", True), (np.nan, "missing", True), (1e300, "missing", False),
    ],
)  # fmt: skip
def test_what_is_refused(value: float, refuses: Any, raised: bool) -> None:  # noqa: FBT001  # what is expected
    rows = np.array([[1.0, value]])
    if raised:
        with pytest.raises(ValueError, match="the input contains"):
            refuse(rows, refuses)
    else:
        assert refuse(rows, refuses) is rows


def test_functions_work_value_by_value() -> None:
    """A function that looks at neighbours, or at how many rows there are, must not get into the table."""
    rows = np.abs(ROWS)
    for name, function in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            one = np.concatenate([function(rows[at : at + 1]) for at in range(len(rows))])
            same(function(rows), one)
        assert getattr(np, name) is function

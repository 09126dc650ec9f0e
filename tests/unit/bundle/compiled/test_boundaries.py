"""The numbers of a request on both sides of where the stage's own numbers cross a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.compiled.boundaries import boundaries
from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.steps import (
    Bins,
    Call,
    Codes,
    ColumnsSpec,
    Fill,
    Hot,
    Join,
    Move,
    Ordinal,
    Part,
    Pick,
    Products,
    Scale,
    Step,
    Words,
)  # fmt: skip

PLAN = np.array(["new", "basic", "pro"], object)
REFUSING = Hot((Codes(("basic", "pro"), (0.0, 1.0), refused=("unknown",)),), 2)


def stage(*steps: Step, count: int = 1) -> Columns:
    return Columns(ColumnsSpec(count, steps))


def third(move: str = "by") -> Scale:
    return Scale((Move("minus", (0.1,)), Move(move, (3.0,), "float64")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "step", [third(), third("times"), Scale((Move("times", (-3.0,)),)), Call("cbrt"), Call("negative")]
)
def test_neighbouring_floats_fall_on_both_sides(step: Step) -> None:
    columns, thresholds = stage(step), np.array([-0.5, 0.25])
    given = np.linspace(-2.0, 2.0, 50)[:, None]
    found = boundaries(columns, given, {0: thresholds})[0]
    for threshold in thresholds:
        side = columns(found[:, None])[:, 0] <= threshold
        (last,) = np.flatnonzero(side[1:] != side[:-1])
        assert found[last + 1] == np.nextafter(found[last], np.inf)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_integers_fall_on_both_sides(dtype: Any) -> None:
    columns = stage(third())
    found = boundaries(columns, np.arange(100, dtype=dtype)[:, None], {0: np.array([10.05])})[0]
    assert {np.floor(found.min()), np.ceil(found.max())} <= {30.0, 31.0}
    assert (columns(np.array([[30], [31]], dtype)) <= 10.05).tolist() == [[True], [False]]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint64, np.float64])
def test_the_ends_of_a_datatype_are_no_trouble(dtype: Any) -> None:
    info = np.finfo(dtype) if dtype is np.float64 else np.iinfo(dtype)
    given = np.array([info.min, 0, info.max], dtype)[:, None]
    found = boundaries(stage(Call("cbrt")), given, {0: np.array([4.0])})[0]
    assert np.isfinite(found).all()
    if dtype is not np.float64:  # 4 is the root of 64
        assert 64 <= found.min() <= found.max() <= 66


def test_rows_that_the_stage_refuses_are_passed_over() -> None:
    columns = Columns(
        ColumnsSpec(2, (Join((Part((0,), (third(),)), Part((1,), (Words(("pro",)), REFUSING)))),), ("a", "b"))
    )
    table = {"a": np.arange(3.0), "b": PLAN}
    for given in (table, pd.DataFrame(table)):
        assert set(boundaries(columns, given, {0: np.array([0.2]), 1: np.array([0.5])})) == {0}
    assert boundaries(columns, {"a": np.arange(3.0), "b": PLAN[[0, 0, 0]]}, {0: np.array([0.2])}) == {}


def test_a_bug_of_the_stage_is_not_hidden() -> None:
    broken = stage(Scale((Move("by", (1.0, 2.0, 3.0)),)))
    with pytest.raises(ValueError, match="broadcast"):
        boundaries(broken, np.zeros((3, 1)), {0: np.array([0.5])})


def test_columns_of_several_or_of_words_have_no_boundary() -> None:
    many = Products(((0, 1, 0),), bias=False, keep=(0, 1))
    coded = Ordinal((Codes(("basic",), (0.0,)),))
    assert boundaries(stage(many), np.zeros((3, 1)), {0: np.array([0.5])}) == {}
    assert boundaries(stage(coded), {"b": PLAN}, {0: np.array([0.5])}) == {}
    assert boundaries(stage(), np.zeros((3, 1)), {}) == {}


def test_columns_are_followed_through_the_stage() -> None:
    steps = (
        Join((Part((1,), (Bins(((1.0,),)),)), Part((0, 2), (Fill((0.0,), keep=(1,), flags=(0,)),)))),
        Pick((1, 2, 0)),
    )
    given = np.random.default_rng(0).normal(size=(20, 3))
    found = boundaries(stage(*steps, count=3), given, {0: np.array([0.5]), 1: np.array([0.5]), 2: np.array([0.5])})
    assert set(found) == {1, 2}
    assert found[2].tolist() == [0.5, np.nextafter(0.5, 1)]
    assert found[1].tolist() == [np.nextafter(1.0, 0), 1.0]

"""Values that are made up stay inside their datatype, whatever was seen, and stand on both sides of each threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trimtab.bundle.compiled.edges import edge_values, near_values
from trimtab.core.dtypes import DTYPES, INTEGERS, Array
from trimtab.core.signature import Field

NONE = np.empty(0)


def near(dtype: str, seen: Any, thresholds: Any = NONE, **field: Any) -> Array:
    values = np.array(seen, DTYPES[dtype])
    return near_values(Field("x", dtype, **field), values, np.array(thresholds, np.float64), np.random.default_rng(0))


@pytest.mark.parametrize("dtype", sorted(INTEGERS))
def test_integers_at_the_ends_of_their_range_do_not_run_over(dtype: str) -> None:
    info = np.iinfo(DTYPES[dtype])
    found = near(dtype, [info.min, info.max])
    assert found.dtype == DTYPES[dtype]
    assert {info.min, info.min + 1, info.max - 1, info.max} <= set(found.tolist())
    assert len(np.unique(found)) > 100  # over the whole range


@pytest.mark.parametrize("dtype", ["INT64", "UINT64"])
def test_integers_that_no_float_tells_apart_are_kept_apart(dtype: str) -> None:
    seen = 2**62 + 1
    found = near(dtype, [seen])
    assert set(found.tolist()) == {seen - 1, seen, seen + 1}


def test_integers_lie_in_three_times_the_range_that_was_seen() -> None:
    found = near("INT32", [10, 20]).tolist()
    assert min(found) == 0
    assert max(found) == 30
    assert set(found) == set(range(31))


def test_integers_stand_on_both_sides_of_thresholds() -> None:
    found = near("INT64", [0, 1], [99.5, -7.0, np.inf, 1e300, -1e300])
    assert {98, 99, 100, 101, -8, -7, -6} <= set(found.tolist())
    assert {2**63 - 1, -(2**63)} <= set(found.tolist())  # a threshold beyond all integers
    assert near("UINT8", [3], [-0.5, 255.5]).min() == 0


def test_integers_keep_the_range_of_the_signature() -> None:
    found = near("INT64", [5, 9], [20.5, 8.5], low=5, high=12)
    assert found.min() >= 5
    assert found.max() <= 12


def test_there_are_so_many_thresholds_at_most() -> None:
    assert len(near("INT64", [0, 10**6], np.arange(100_000) + 0.5)) < 20_000
    assert len(near("FP64", [0, 10**6], np.arange(100_000) + 0.5)) < 40_000


@pytest.mark.parametrize("dtype", ["FP16", "FP32", "FP64"])
def test_floats_at_the_ends_of_their_range_give_values_without_a_warning(dtype: str) -> None:
    most = float(np.finfo(DTYPES[dtype]).max)
    found = near(dtype, [-most, most, np.inf, np.nan], [most, -most, 0.5])
    assert np.isfinite(found).all()
    assert {-most, most, 0.5} <= set(found.tolist())
    assert len(np.unique(found)) > 50


def test_floats_stand_on_both_sides_of_thresholds() -> None:
    found = set(near("FP64", [0.0, 1.0], [0.1]).tolist())
    single = np.float32(0.1)
    wanted = [
        0.1,
        np.nextafter(0.1, 0),
        np.nextafter(0.1, 1),
        float(single),
        float(np.nextafter(single, np.float32(1))),
    ]
    assert set(wanted) <= found


def test_times_at_their_ends_are_times() -> None:
    seen = np.array([np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max]).astype("datetime64[s]")
    found = near_values(Field("at", "BYTES", kind="datetime"), seen, NONE, np.random.default_rng(0))
    assert found.dtype == seen.dtype
    assert not np.isnat(found).any()


@pytest.mark.parametrize("dtype", ["BOOL", "INT64"])
def test_what_is_closed_or_was_never_seen_has_nothing_near(dtype: str) -> None:
    assert len(near(dtype, [])) == 0
    assert len(near("BOOL", [True])) == 0
    assert len(near("INT64", [1, 2], categories=(1, 2))) == 0


def test_edges_are_what_the_field_allows() -> None:
    assert set(edge_values(Field("x", "UINT8"), wide=True)) == {0, 1, 255}
    assert set(edge_values(Field("x", "INT64", low=0, high=9), wide=True)) == {0, 1, 9}
    assert {np.inf, -np.inf} <= set(edge_values(Field("x", "FP64"), wide=True))
    assert max(edge_values(Field("x", "FP32"), wide=True)) == np.inf
    assert float(np.finfo(np.float64).max) not in edge_values(Field("x", "FP32"), wide=True)
    assert edge_values(Field("x", "BOOL", nullable=True), wide=True) == [None, False, True]

"""Rows that are made up: valid, the same each time, and with everything in them that breaks converters."""

from __future__ import annotations

from typing import Any

import numpy as np

from trimtab.bundle.compiled.pools import Pools, pools_of
from trimtab.bundle.sample.read import read_sample
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

SAMPLE = {
    "spend": np.array([1.0, 2.5, np.nan, 80.25]),
    "tenure": np.array([3, 5, 9, 60]),
    "plan": ["basic", "plus", None, "pro"],
    "at": np.array(["2013-01-01T05", "2013-02-01T05", "2013-03-01T05", "2013-04-01T05"], "datetime64[s]"),
    "new": np.array([True, False, True, True]),
    "vector": np.arange(12, dtype=np.float32).reshape(4, 3),
    "history": [[1.0], [1.0, 2.0], [], [3.0]],
}


def made(declared: Any = None, thresholds: Any = None, *, wide: bool = True) -> tuple[Pools, Signature]:
    found = read_sample(SAMPLE, declared)
    signature = Signature(found.fields, container=found.container)
    return pools_of(found.table, signature, thresholds or {}, wide=wide), signature


def values(table: Table, name: str) -> list[Any]:
    return table.columns[name].values.tolist()


def test_every_row_is_one_that_a_checked_request_could_bring() -> None:
    pools, signature = made({"spend": {"low": 0, "high": 100}, "plan": {"categories": ("basic", "plus", "pro")}})
    heights = [check(signature, dict(table.columns)).height for table in pools.chunks(5000, 1000)]
    assert heights == [1000] * 5


def test_the_same_rows_come_each_time() -> None:
    first, second = (list(made()[0].chunks(300, 100)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        for name in ("spend", "tenure", "at", "new", "vector"):
            np.testing.assert_array_equal(one.columns[name].values, other.columns[name].values)
        assert values(one, "plan") == values(other, "plan")


def test_chunks_differ_from_each_other() -> None:
    one, other = made()[0].chunks(200, 100)
    assert values(one, "tenure") != values(other, "tenure")


def test_edges_are_among_the_rows() -> None:
    pools, _ = made(thresholds={0: np.array([7.5])})
    (table,) = pools.chunks(20_000, 20_000)
    spend = table.columns["spend"].values
    assert np.isnan(spend).any()
    assert {np.inf, -np.inf, float(np.finfo(np.float32).max), 5e-324, 7.5} <= set(spend.tolist())
    assert {np.nextafter(7.5, 0), np.nextafter(7.5, 9)} <= set(spend.tolist())
    assert (np.signbit(spend) & (spend == 0)).any()
    assert {np.iinfo(np.int64).min, np.iinfo(np.int64).max, 0} <= set(values(table, "tenure"))
    assert {None, "", "never seen before"} <= set(values(table, "plan"))


def test_code_of_the_users_own_is_not_asked_about_the_year_ten_to_the_eighteenth() -> None:
    pools, _ = made(wide=False)
    (table,) = pools.chunks(20_000, 20_000)
    tenure = table.columns["tenure"].values
    assert tenure.min() >= 3 - 57 - 1
    assert tenure.max() <= 60 + 57 + 1
    assert np.isfinite(table.columns["spend"].values[~table.columns["spend"].missing]).all()


def test_ranges_and_categories_are_kept() -> None:
    pools, _ = made({"spend": {"low": 0, "high": 100}, "plan": {"categories": ("basic", "plus", "pro", "max")}})
    (table,) = pools.chunks(20_000, 20_000)
    spend = table.columns["spend"].values
    assert np.nanmin(spend) >= 0
    assert np.nanmax(spend) == 100
    assert set(values(table, "plan")) == {"basic", "plus", "pro", "max", None}


def test_probes_change_one_value_each() -> None:
    pools, _ = made()
    probes = list(pools.probes())
    assert [pool for pool, _, _ in probes] == list(range(len(pools.pools)))
    assert all(table.height == len(places) for _, places, table in probes)
    _, _, table = probes[0]
    assert np.inf in values(table, "spend")
    assert set(values(table, "tenure")) == {3}


def test_what_the_model_refuses_is_spared() -> None:
    pools, _ = made()
    _, places, table = next(pools.probes())
    bad = [(0, place) for place, value in zip(places, values(table, "spend"), strict=True) if np.isinf(value)]
    assert len(bad) == 2
    (table,) = pools.spared(bad).chunks(20_000, 20_000)
    assert not np.isinf(table.columns["spend"].values).any()
    assert np.isnan(table.columns["spend"].values).any()


def test_a_row_has_one_number_at_most_that_may_overflow_in_a_sum() -> None:
    signature = Signature(tuple(Field(name, "FP64") for name in "abcdefgh"))
    sample = Table({name: Column(np.linspace(0.0, 1.0, 9)) for name in "abcdefgh"}, 9)
    pools = pools_of(sample, signature, {}, wide=True)
    seen = 0
    for table in pools.chunks(20_000, 5_000):
        values = np.stack([table.columns[name].values for name in "abcdefgh"])
        wild = np.isfinite(values) & (np.abs(values) > 1e100)
        assert wild.sum(axis=0).max() == 1
        seen += int(wild.sum())
    assert seen > 500

"""What the original is asked, and what becomes of rows that it refuses."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.compiled.pools import Pools, pools_of
from trimtab.bundle.compiled.trial import CHUNK, TooLongError, read_trials, record, write_trials
from trimtab.bundle.compiled.versus import RefutedError, versus
from trimtab.bundle.predictor import Outputs
from trimtab.bundle.sample.read import read_sample
from trimtab.core.signature import Signature
from trimtab.core.table import Table

LATER = time.perf_counter() + 1e6


def pools() -> Pools:
    found = read_sample({"x": np.linspace(0.0, 9.0, 40)})
    return pools_of(found.table, Signature(found.fields, container=found.container), {}, wide=True)


def x(table: Table) -> Any:
    return table.columns["x"].values


def double(table: Table) -> Outputs:
    return {"y": x(table) * 2.0}


def picky(table: Table) -> Outputs:
    """Refuses infinities alone, and a narrow range that only a few values around those seen fall into."""
    if np.isinf(x(table)).any() or ((x(table) > 11.0) & (x(table) < 11.4)).any():
        raise ValueError("not that one")
    return double(table)


def test_all_rows_are_answered() -> None:
    trial = record("bundle", double, pools(), 2000, LATER)
    found = versus(trial, double, (0, 0))
    assert (found.rows, found.refused, found.absolute, found.worst) == (trial.tried, 0, 0.0, None)


def test_refused_rows_are_found_and_must_be_refused() -> None:
    trial = record("bundle", picky, pools(), 12_000, LATER)
    refused = sum(len(rows) for rows in trial.refused)
    assert refused > 0
    assert versus(trial, picky, (0, 0)).refused == refused + sum(probe.outputs is None for probe in trial.probes)
    with pytest.raises(RefutedError, match="the original raises"):
        versus(trial, double, (0, 0))


def test_refusing_more_than_the_original_is_refuted() -> None:
    trial = record("bundle", double, pools(), 2000, LATER)
    with pytest.raises(RefutedError, match="ValueError"):
        versus(trial, picky, (0, 0))


def test_the_worst_row_is_kept() -> None:
    trial = record("bundle", double, pools(), 2000, LATER)

    def off(table: Table) -> Outputs:
        return {"y": np.where(x(table) == 3.0, 6.0 + 1e-7, x(table) * 2.0)}

    found = versus(trial, off, (1e-6, 0))
    assert found.worst is not None
    assert found.worst.inputs == {"x": 3.0}
    assert found.worst.original == {"y": 6.0}
    assert found.worst.compiled == {"y": 6.0 + 1e-7}
    assert found.absolute == pytest.approx(1e-7)


def test_a_model_that_refuses_most_rows_is_given_up() -> None:
    def never_many(table: Table) -> Outputs:
        if table.height == 1 and x(table)[0] == 0.0:
            return double(table)
        raise ValueError("no")

    with pytest.raises(TooLongError, match="refuses too many"):
        record("bundle", never_many, pools(), CHUNK, LATER)


def test_the_time_is_limited() -> None:
    with pytest.raises(TooLongError, match="the time for the comparison was up after"):
        record("bundle", double, pools(), CHUNK, 0.0)


def test_trials_travel_as_a_file(tmp_path: Path) -> None:
    write_trials([record("bundle", double, pools(), 1000, LATER)], tmp_path / "trials")
    (trial,) = read_trials(tmp_path / "trials")
    assert versus(trial, double, (0, 0)).rows == trial.tried

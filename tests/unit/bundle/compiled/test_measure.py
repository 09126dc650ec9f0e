"""Costs are medians of calls with 1, 32 and 1000 rows, engine beside engine."""

from __future__ import annotations

import numpy as np

from trimtab.bundle.compiled.measure import measure
from trimtab.bundle.predictor import Outputs
from trimtab.core.table import Column, Table


def test_every_engine_is_asked_the_same_rows_in_turn() -> None:
    asked: list[tuple[str, int, float]] = []

    def engine(name: str):
        def answer(table: Table) -> Outputs:
            asked.append((name, table.height, float(table.columns["x"].values[0])))
            return {"y": table.columns["x"].values}

        return answer

    sample = Table({"x": Column(np.arange(7.0))}, 7)
    costs = measure({"original": engine("original"), "linear": engine("linear")}, sample)
    assert costs.counts == (1, 32, 1000)
    assert set(costs.seconds) == {"original", "linear"}
    assert all(len(times) == 3 and min(times) > 0 for times in costs.seconds.values())
    originals = [call[1:] for call in asked if call[0] == "original"]
    assert originals == [call[1:] for call in asked if call[0] == "linear"]
    assert [name for name, _, _ in asked[:4]] == ["original", "linear"] * 2
    assert {height for height, _ in originals} == {1, 32, 1000}

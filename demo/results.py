"""What a run left in demo/scratch, read into one value that the table on the terminal and the report are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quality import Quality, lift, quality

__all__ = ["OUTPUT", "TOLERANCE", "Results", "read_results", "summary_rows"]

Array: TypeAlias = NDArray[Any]

ARMS: Final = ("champion", "challenger")
OUTPUT: Final = "probability"
TOLERANCE: Final = 0.0  # the same model, the same code, the same numbers: not one bit may differ


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The live month: what was asked, what came of it, and what each way of asking answered.

    served: over HTTP; scored: `trimtab score`; trained: the training process itself; truth: NaN where nobody knows.
    later: what the journal's set for retraining was like, beside a join made without the journal.
    flown: the flights of November, and what each arm has answered, second by second.
    """

    asked: pd.DataFrame
    truth: Array
    served: Array
    scored: Array
    trained: Array
    baseline: Array
    times: pd.DataFrame
    traffic: dict[str, Any]
    later: dict[str, Any]
    flown: dict[str, Any]

    @property
    def model(self) -> Quality:
        """How good the answers over HTTP were."""
        return quality(self.truth, self.served)

    @property
    def plain(self) -> Quality:
        """How good the baseline was on the same flights."""
        return quality(self.truth, self.baseline)

    @property
    def lift(self) -> float:
        """How many times the average the likeliest tenth was late."""
        return lift(self.truth, self.served)

    @property
    def batch_difference(self) -> float:
        """The largest difference between HTTP and batch scoring."""
        return _largest(self.served, self.scored)

    @property
    def training_difference(self) -> float:
        """The largest difference between HTTP and the process that trained the model."""
        return _largest(self.served, self.trained)

    @property
    def agree(self) -> bool:
        """Whether all three gave the same answers to all rows, and the journal has what was asked and came of it."""
        return max(self.batch_difference, self.training_difference) <= TOLERANCE and not self.later["differing"]

    @property
    def refused(self) -> tuple[int, int]:
        """Requests of November without an answer: of the challengers, and of whoever was with the champion."""
        errors = {arm: sum(row[3] for row in self.flown["seconds"] if row[1] == arm) for arm in ARMS}
        return errors["challenger"], self.flown["refused"] - errors["challenger"]


def _largest(one: Array, other: Array) -> float:
    """Infinite when rows are missing or an answer is no number."""
    if len(one) != len(other) or np.isnan(one).any() or np.isnan(other).any():
        return float("inf")
    return float(np.abs(one - other).max())


def read_results(work: Path) -> Results:
    """Everything from the files of one run."""
    beside = pd.read_parquet(work / "truth.parquet")
    return Results(
        asked=pd.read_parquet(work / "live.parquet"),
        truth=beside["late"].to_numpy(np.float64),
        served=pd.read_parquet(work / "answers.parquet")[OUTPUT].to_numpy(np.float64),
        scored=pd.read_parquet(work / "scored.parquet")[OUTPUT].to_numpy(np.float64),
        trained=beside["trained"].to_numpy(np.float64),
        baseline=beside["baseline"].to_numpy(np.float64),
        times=pd.read_parquet(work / "times.parquet"),
        traffic=json.loads((work / "traffic.json").read_text()),
        later=json.loads((work / "later.json").read_text()),
        flown=json.loads((work / "flown.json").read_text()),
    )


def summary_rows(results: Results) -> list[tuple[str, str]]:
    """The figures of a run, each with what it is of."""
    model, plain, later = results.model, results.plain, results.later
    rows = [
        ("flights asked about", f"{len(results.served):,} in October 2013, outcome known of {model.count:,}"),
        ("ROC AUC", f"{model.auc:.3f}    carrier and hour alone {plain.auc:.3f}"),
        ("log loss", f"{model.log_loss:.4f}   carrier and hour alone {plain.log_loss:.4f}"),
        ("Brier score", f"{model.brier:.4f}   carrier and hour alone {plain.brier:.4f}"),
        ("late, said and seen", f"{model.predicted:.1%} and {model.actual:.1%}"),
        ("likeliest tenth", f"{results.lift:.1f} times as often late as the average flight"),
        ("HTTP against batch", f"largest difference {results.batch_difference}"),
        ("HTTP against training", f"largest difference {results.training_difference}"),
        (
            "kept and joined",
            f"{later['rows']:,} flights with their truth, {later['differing']} other than they should be",
        ),
    ]
    for kind, name in (("single", "one row a request"), ("batch", "2 to 64 rows a request")):
        said = results.traffic[kind]
        times = f"p50 {said['p50_ms']} ms, p95 {said['p95_ms']} ms, p99 {said['p99_ms']} ms"
        rates = f"{said['requests_per_s']:,} requests/s, {said['rows_per_s']:,} rows/s"
        rows.append((name, f"{times}; {rates}"))
    broken, others = results.refused
    names = ("breaks on real flights", "has learnt from October")
    rows += [
        (name, f"{one['outcome']}: {one['why']}") for name, one in zip(names, results.flown["flights"], strict=True)
    ]
    rows.append(("cost of both flights", f"{broken} flights without an answer, {others} among the champion's"))
    return rows

"""How good probabilities are, beside the plain answer that anybody has without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Quality", "RateTable", "calibration", "lift", "quality"]

Array: TypeAlias = NDArray[Any]

PRIOR: Final = 50.0  # flights of average punctuality that a rare carrier and hour is mixed with
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Quality:
    """Ranking (auc, higher is better), probabilities (log_loss, brier, lower is better), and the two means."""

    auc: float
    log_loss: float
    brier: float
    predicted: float
    actual: float
    count: int


def quality(truth: Array, probability: Array) -> Quality:
    """Over the flights whose truth is known; the others are left out."""
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    known = ~np.isnan(truth)
    seen, said = truth[known], probability[known]
    return Quality(
        float(roc_auc_score(seen, said)),
        float(log_loss(seen, said)),
        float(brier_score_loss(seen, said)),
        float(said.mean()),
        float(seen.mean()),
        int(known.sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """The baseline: how often flights of this carrier at this hour were late before."""

    rates: pd.Series
    overall: float

    @classmethod
    def learn(cls, flights: pd.DataFrame, truth: pd.Series) -> RateTable:
        """From flights whose truth is known, in the same order."""
        groups = truth.groupby([flights["carrier"].to_numpy(), (flights["sched_dep_time"] // 100).to_numpy()])
        overall = float(truth.mean())
        return cls((groups.sum() + PRIOR * overall) / (groups.count() + PRIOR), overall)

    def __call__(self, flights: pd.DataFrame) -> Array:
        """The rate for each flight; the overall one where there was no such flight."""
        keys = pd.MultiIndex.from_arrays([flights["carrier"], flights["sched_dep_time"] // 100])
        found: Array = self.rates.reindex(keys).fillna(self.overall).to_numpy()
        return found


def calibration(truth: Array, probability: Array) -> pd.DataFrame:
    """Ten groups of equal size from the least to the most likely late: mean said, share seen, count."""
    known = ~np.isnan(truth)
    rows = pd.DataFrame({"said": probability[known], "seen": truth[known]})
    ranks = rows["said"].rank(method="first")
    groups = rows.groupby(((ranks - 1) * BINS // len(rows)).astype(int))
    return groups.agg(said=("said", "mean"), seen=("seen", "mean"), count=("seen", "size"))


def lift(truth: Array, probability: Array) -> float:
    """How many times the average the tenth of flights that were called most likely is late."""
    groups = calibration(truth, probability)
    return float(groups["seen"].iloc[-1] / truth[~np.isnan(truth)].mean())

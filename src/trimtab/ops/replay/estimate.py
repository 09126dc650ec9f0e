"""A share among weighted rows, with a 95 % interval: what rows that were logged by chance say of all like them.

The estimator is Hajek's (1971), the ratio of two Horvitz-Thompson sums. Its variance is linearised, with whole clusters
(a subject, or a request of many rows) as the units that are drawn, with replacement: Hansen, Hurwitz and Madow (1953);
Sarndal, Swensson and Wretman, Model Assisted Survey Sampling (1992), 5.7 and 7.6. The interval is Wilson's (1927) at
the effective sample size that the variance stands for, as Korn and Graubard (1998) have it for few rows and shares near
0 or 1, with Student's quantile of one less than the clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Share", "share", "student"]

_NORMAL: Final = 1.959964  # the 97.5 % quantile
# Student's 97.5 % quantile for 1, 2, ... 10 degrees of freedom
_FEW: Final = (12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of 0 to 1 with the ends of its interval; of so many rows in so many clusters.

    count: rows that have it. total: how many rows they stand for, the sum of the weights. effective: as many rows,
    drawn one by one and with equal chances, would tell as much. Of no rows nothing is known: 0 to 1.
    """

    value: float
    low: float
    high: float
    rows: int
    count: int
    clusters: int
    total: float
    effective: float


def share(has: Array, weight: Array, cluster: Array) -> Share:
    """The share of rows that have it. weight: one over the chance of being logged; cluster: whole numbers from 0."""
    rows, count = len(has), int(np.count_nonzero(has))
    if rows == 0:
        return Share(0.0, 0.0, 1.0, 0, 0, 0, 0.0, 0.0)
    _, cluster = np.unique(cluster, return_inverse=True)
    total = float(weight.sum())
    sums = np.bincount(cluster, weight)
    clusters = len(sums)
    value = float(weight[has].sum()) / total if 0 < count < rows else float(count > 0)
    effective = float(sums.sum() ** 2 / (sums**2).sum())  # Kish: as if all rows of a cluster were one
    if 0 < value < 1 and clusters > 1:
        errors = np.bincount(cluster, weight * (has - value))
        variance = clusters / (clusters - 1) * float((errors**2).sum()) / total**2
        effective = min(value * (1 - value) / variance, float(rows)) if variance else effective
    low, high = _wilson(value, effective, student(clusters - 1))
    return Share(value, low, high, rows, count, clusters, total, effective)


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's distribution; infinite without any freedom.

    Source: Abramowitz and Stegun, 26.7.5, which is right to four digits beyond ten degrees.
    """
    if freedom < 1:
        return inf
    if freedom <= len(_FEW):
        return _FEW[freedom - 1]
    z = _NORMAL
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def _wilson(value: float, rows: float, z: float) -> tuple[float, float]:
    """Ends of the interval; the share itself is always inside."""
    if z == inf:
        return 0.0, 1.0
    wide = 1 + z**2 / rows
    middle = (value + z**2 / (2 * rows)) / wide
    half = z * sqrt(value * (1 - value) / rows + z**2 / (4 * rows**2)) / wide
    return min(max(0.0, middle - half), value), max(min(1.0, middle + half), value)

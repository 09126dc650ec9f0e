"""Counts of flights, made up: so many answers of each arm, how many failed, how long they took."""

from __future__ import annotations

import numpy as np

from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments, bucket_of
from trimtab.release.flight.states import Stratum

__all__ = ["arm", "counts", "latencies", "moments", "stratum"]


def latencies(count: int, median_s: float = 0.05) -> tuple[int, ...]:
    """As many as there are, in the proportions of a log-normal distribution, always the same."""
    if not count:
        return (0,) * (len(LATENCY_S) + 1)
    normal = np.random.default_rng(count).standard_normal(count)
    found = np.bincount([bucket_of(one) for one in median_s * np.exp(0.5 * normal)], minlength=len(LATENCY_S) + 1)
    return tuple(found.tolist())


def moments(numbers) -> Moments:
    """Of numbers."""
    values = np.asarray(numbers, float)
    return Moments(len(values), float(values.sum()), float((values**2).sum()), float(values.min()), float(values.max()))


def arm(requests: int, errors: int = 0, median_s: float = 0.05, values=None, measures=None) -> ArmCounts:
    """What one arm answered."""
    return ArmCounts(requests, errors, latencies(requests, median_s), values or {}, measures or {})


def counts(requests: int, *, median_s: float = 0.05, mirrored: int = 0, **shadow) -> tuple[Counts]:
    """Of a shadow, beside a champion that answered so many."""
    return (Counts(arm(requests), mirrored=mirrored, delay=latencies(mirrored, median_s), **shadow),)


def stratum(share: float, champion, challenger=None, seconds: float = 600.0) -> Stratum:
    """Of two arms, or of counts."""
    return Stratum(share, seconds, champion if isinstance(champion, Counts) else Counts(champion, challenger))

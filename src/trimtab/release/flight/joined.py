"""Strata as one, for a flight in which the arms do not answer at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from trimtab.core.flights import ArmCounts, Counts, Moments
from trimtab.release.flight.states import Stratum

__all__ = ["joined", "summed"]


def joined(strata: Sequence[Stratum]) -> Stratum:
    """One stratum that holds what was counted in all."""
    champion, challenger = (_arm([getattr(one.counts, arm) for one in strata]) for arm in ("champion", "challenger"))
    return Stratum(strata[-1].share, strata[-1].seconds, Counts(champion, challenger))


def summed(moments: Sequence[Moments]) -> Moments:
    """Of all the numbers together."""
    return Moments(
        sum(one.count for one in moments),
        sum(one.total for one in moments),
        sum(one.squares for one in moments),
        min((one.least for one in moments), default=inf),
        max((one.greatest for one in moments), default=-inf),
    )


def _arm(arms: Sequence[ArmCounts]) -> ArmCounts:
    return ArmCounts(
        sum(one.requests for one in arms),
        sum(one.errors for one in arms),
        tuple(map(sum, zip(*(one.latency for one in arms), strict=True))),
        _moments([one.values for one in arms]),
        _moments([one.measures for one in arms]),
    )


def _moments(kept: Sequence[Mapping[str, Moments]]) -> dict[str, Moments]:
    names = {name: None for one in kept for name in one}
    return {name: summed([one[name] for one in kept if name in one]) for name in names}

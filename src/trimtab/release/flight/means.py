"""Shift of what is predicted, and means of quality and rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite, sqrt

from trimtab.core.flights import Moments
from trimtab.release.flight.claims import Claim
from trimtab.release.flight.joined import summed
from trimtab.release.flight.judged import Judged
from trimtab.release.flight.states import Stratum
from trimtab.release.sequential.mean import Between, apart, mean, variance

__all__ = ["judge_measure", "judge_shift"]


def judge_measure(claim: Claim, strata: Sequence[Stratum]) -> Judged:
    """Of a quality or reward, over the whole flight: truth comes when it comes. It is better the larger it is."""
    pairs = [_pair(one.counts.challenger.measures, one.counts.champion.measures, claim.measure) for one in strata]
    mine = summed([one for one, _ in pairs])
    if claim.how == "worse_by":
        worse = apart([(other, one) for one, other in pairs], (claim.harm, claim.proof))
        both = summed([other for _, other in pairs])
    else:
        upwards = claim.how == "at_most"
        worse = mean(mine, (claim.harm, claim.proof) if upwards else (claim.proof, claim.harm))
        both = Moments()
    judged = Judged(mine=_mean(mine), theirs=_mean(both), n=mine.count)
    if worse is None:
        return judged
    judged = replace(judged, value=worse.value, low=_known(worse.low), high=_known(worse.high))
    if claim.how == "at_least":
        return replace(judged, broken=worse.high < claim.limit, kept=worse.low >= claim.limit)
    return replace(judged, broken=worse.low > claim.limit, kept=worse.high <= claim.limit)


def judge_shift(claim: Claim, strata: Sequence[Stratum]) -> Judged:
    """Of the output whose mean has moved most, in standard deviations of the champion's; the chances are divided."""
    names = sorted({name for one in strata for name in one.counts.champion.values} & _asked(strata))
    found = [_shift(claim, strata, name, len(names)) for name in names]
    if not found:
        return Judged()
    worst = max(found, key=lambda one: (one.broken, not one.kept, one.value or 0.0))
    return replace(worst, kept=all(one.kept for one in found))


def _asked(strata: Sequence[Stratum]) -> set[str]:
    return {name for one in strata for name in one.counts.challenger.values}


def _shift(claim: Claim, strata: Sequence[Stratum], name: str, outputs: int) -> Judged:
    pairs = [_pair(one.counts.challenger.values, one.counts.champion.values, name) for one in strata]
    label = 1.0 if "=" in name else None  # moments of ones and zeros
    chances = claim.harm / (2 * outputs), claim.proof / 2  # either way; kept needs all of them
    mine, theirs = summed([one for one, _ in pairs]), summed([other for _, other in pairs])
    up, down = apart(pairs, chances, label), apart(pairs, chances[::-1], label)
    judged = Judged(mine=_mean(mine), theirs=_mean(theirs), n=mine.count, of=name)
    if up is None or down is None:
        return judged
    unit = sqrt(variance(theirs, label or theirs.greatest - theirs.least))
    low, high = _either_way(up, down)
    low, value, high = (_over(one, unit) for one in (low, abs(up.value), high))
    return replace(
        judged,
        broken=low > claim.limit,
        kept=high <= claim.limit,
        value=_known(value),
        low=_known(low),
        high=_known(high),
    )


def _either_way(up: Between, down: Between) -> tuple[float, float]:
    """Bounds of how far apart two means are: at least by harm's chance, at most by proof's."""
    return max(0.0, up.low, -down.high), max(up.high, -down.low)


def _over(distance: float, unit: float) -> float:
    return distance / unit if unit else (inf if distance else 0.0)


def _pair(mine: Mapping[str, Moments], theirs: Mapping[str, Moments], name: str) -> tuple[Moments, Moments]:
    return mine.get(name, Moments()), theirs.get(name, Moments())


def _mean(of: Moments) -> float | None:
    return of.total / of.count if of.count else None


def _known(value: float) -> float | None:
    return value if isfinite(value) else None

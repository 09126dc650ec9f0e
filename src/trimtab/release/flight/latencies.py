"""Quantiles of how long answers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite
from typing import Final

import numpy as np

from trimtab.release.flight.claims import CHANCES, Claim
from trimtab.release.flight.judged import Judged, broken_since, kept, showing
from trimtab.release.flight.plan import Kind
from trimtab.release.flight.states import Stratum
from trimtab.release.sequential import quantile, share
from trimtab.release.sequential.quantile import Ratio
from trimtab.release.sequential.tilts import Floats, divided, since

_WHERE: Final = 0.1  # of the chance of being wrong, for where the champion's quantile cannot be

__all__ = ["Times", "judge_alone", "judge_beside", "times"]


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Latencies of the challenger and of the champion in one stratum, as `quantile.tails`."""

    mine: Floats
    theirs: Floats


def times(strata: Sequence[Stratum], kind: Kind) -> list[Times]:
    """Of answers; of a shadow, how long its own take."""
    return [
        _times(one.counts.delay if kind == "shadow" else one.counts.challenger.latency, one.counts.champion.latency)
        for one in strata
    ]


@lru_cache(maxsize=64)  # steps that are over are looked at again with each look
def _times(mine: tuple[int, ...], theirs: tuple[int, ...]) -> Times:
    return Times(quantile.tails(mine), quantile.tails(theirs))


def judge_alone(claim: Claim, strata: Sequence[Times]) -> Judged:
    """Of the challenger's quantile by itself: of the share of answers that take longer than the limit."""
    rare = 1.0 - CHANCES[claim.measure]
    tail = np.cumsum([one.mine for one in strata][::-1], axis=0)[::-1]  # from each stratum to the last one
    sure = quantile.longer(tail, claim.limit, surely=True)
    start = broken_since(divided(share.more(sure, tail[:, 0], rare)), claim.harm)
    perhaps = quantile.longer(tail[-1], claim.limit, surely=False)
    proved = kept(divided(share.less(perhaps, tail[-1, 0], rare)), claim.proof)
    mine = tail[-1 if start is None else start]
    low, high = quantile.bounds(mine, 1.0 - rare, (claim.harm, claim.proof))
    value = quantile.guess(mine, 1.0 - rare)
    return Judged(start is not None, proved, value, low, _finite(high), value, None, int(mine[0]))


def judge_beside(claim: Claim, strata: Sequence[Times]) -> Judged:
    """Of how many times as long the challenger's quantile is as the champion's."""
    chance = CHANCES[claim.measure]
    asked = [one for one in strata if one.mine[0]] or [strata[-1]]
    harm = [_slower(one, Ratio(chance, claim.limit, _where(claim, number))) for number, one in enumerate(asked)]
    start = broken_since(since(np.array(harm)), claim.harm * (1 - _WHERE))
    proof = quantile.faster(strata[-1].mine, strata[-1].theirs, Ratio(chance, claim.limit, claim.proof * _WHERE))
    proved = kept(proof, claim.proof * (1 - _WHERE))
    if start is None:
        return _measured(claim, strata[-1:], broken=False, proved=proved)
    shown = showing(harm, start)
    judged = _measured(claim, [asked[at] for at in shown], broken=True, proved=proved)
    if judged.value is None or judged.value > claim.limit:
        return judged
    # quantiles of strata that are put together may be in another order than those of each of them
    return _measured(claim, [asked[max(shown, key=harm.__getitem__)]], broken=True, proved=proved)


def _where(claim: Claim, number: int) -> float:
    """What a stratum has of that part; those of all strata add up to it."""
    return claim.harm * _WHERE / ((number + 1) * (number + 2))


@lru_cache(maxsize=64)
def _slower(one: Times, ratio: Ratio) -> float:
    return float(quantile.slower(one.mine, one.theirs, ratio))


def _measured(claim: Claim, scope: Sequence[Times], *, broken: bool, proved: bool) -> Judged:
    chance = CHANCES[claim.measure]
    mine = np.sum([one.mine for one in scope], axis=0)
    # as if the champion's answers had come in the strata as the challenger's did
    both = [one for one in scope if one.mine[0] and one.theirs[0]]
    weighed = [one.theirs * (one.mine[0] / one.theirs[0]) for one in both]
    n, value = int(mine[0]), quantile.guess(mine, chance)
    other = quantile.guess(np.sum(weighed, axis=0), chance) if weighed else None
    if value is None or other is None:
        return Judged(broken, proved, mine=value, n=n)
    harm, proof = claim.harm / 2, claim.proof / 2
    low, high = quantile.bounds(mine, chance, (harm, proof))
    # however strata are weighed, the quantile of all is between the least and the greatest of them
    each = [quantile.bounds(one.theirs, chance, (proof / len(both), harm / len(both))) for one in both]
    least, most = min(one for one, _ in each), max(one for _, one in each)
    ratio = value / other, low / most, _finite(high / least if least else inf)
    return Judged(broken, proved, *ratio, value, other, n)


def _finite(bound: float) -> float | None:
    return bound if isfinite(bound) else None

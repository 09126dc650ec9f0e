"""Errors and disagreement: shares of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trimtab.release.flight.claims import Claim
from trimtab.release.flight.judged import Judged, broken_since, kept, showing
from trimtab.release.flight.plan import Kind
from trimtab.release.flight.states import Stratum
from trimtab.release.sequential import share
from trimtab.release.sequential.difference import worse
from trimtab.release.sequential.tilts import divided, since

__all__ = ["Both", "disagreements", "errors", "judge_alone", "judge_beside"]


@dataclass(frozen=True, slots=True)
class Both:
    """Hits and answers of the challenger and of the champion in one stratum."""

    hits: int
    count: int
    other_hits: int = 0
    other_count: int = 0


def errors(strata: Sequence[Stratum], kind: Kind) -> list[Both]:
    """Answers of 500 and above; of a shadow, those that never came."""
    found = []
    for one in strata:
        counts = one.counts
        mine, theirs = counts.challenger, counts.champion
        asked = (counts.failed, counts.mirrored) if kind == "shadow" else (mine.errors, mine.requests)
        found.append(Both(*asked, theirs.errors, theirs.requests))
    return found


def disagreements(strata: Sequence[Stratum]) -> list[Both]:
    """Pairs of answers that differ."""
    return [Both(one.counts.disagreed, one.counts.compared) for one in strata]


def judge_alone(claim: Claim, strata: Sequence[Both]) -> Judged:
    """Of the challenger's share by itself; the last stratum is this step."""
    later = [(sum(one.hits for one in strata[at:]), sum(one.count for one in strata[at:])) for at in range(len(strata))]
    hits, counts = np.array(later, float).T
    start = broken_since(divided(share.more(hits, counts, claim.limit)), claim.harm)
    k, n = later[-1 if start is None else start]
    proved = kept(divided(share.less(hits[-1], counts[-1], claim.limit)), claim.proof)
    value = k / n if n else None
    low, high = float(share.at_least(k, n, claim.harm)), float(share.at_most(k, n, claim.proof))
    return Judged(start is not None, proved, value, low, high, value, None, n)


def judge_beside(claim: Claim, strata: Sequence[Both]) -> Judged:
    """Of the difference of the challenger's share and the champion's."""
    asked = [one for one in strata if one.count] or [strata[-1]]
    harm = [_harm(one, claim.limit) for one in asked]
    start = broken_since(since(np.array(harm)), claim.harm)
    scope = strata[-1:] if start is None else [asked[at] for at in showing(harm, start)]
    return _measured(claim, scope, broken=start is not None, proved=kept(_proof(strata[-1], claim.limit), claim.proof))


@lru_cache(maxsize=256)  # steps that are over are looked at again with each look
def _harm(one: Both, margin: float) -> float:
    return float(worse((one.hits, one.count), (one.other_hits, one.other_count), margin))


@lru_cache(maxsize=256)
def _proof(one: Both, margin: float) -> float:
    return float(worse((one.other_hits, one.other_count), (one.hits, one.count), -margin))


def _measured(claim: Claim, scope: Sequence[Both], *, broken: bool, proved: bool) -> Judged:
    k, n = sum(one.hits for one in scope), sum(one.count for one in scope)
    both = [one for one in scope if one.count and one.other_count]
    if not both:
        return Judged(broken, proved, mine=k / n if n else None, n=n)
    total = sum(one.count for one in both)
    mine = sum(one.hits for one in both) / total
    theirs = sum(one.count / total * one.other_hits / one.other_count for one in both)
    # bounds of either arm by themselves, weighted as the challenger's answers are: wider than what the verdict knows
    harm, proof = claim.harm / 2, claim.proof / 2
    least = sum(one.count / total * _low(one, proof / len(both)) for one in both)
    most = sum(one.count / total * _high(one, harm / len(both)) for one in both)
    low = float(share.at_least(mine * total, total, harm)) - most
    high = float(share.at_most(mine * total, total, proof)) - least
    return Judged(broken, proved, mine - theirs, low, high, mine, theirs, n)


def _low(one: Both, alpha: float) -> float:
    return float(share.at_least(one.other_hits, one.other_count, alpha))


def _high(one: Both, alpha: float) -> float:
    return float(share.at_most(one.other_hits, one.other_count, alpha))

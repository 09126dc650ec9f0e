"""What is known of each claim of a plan, with its verdict and in words."""

from __future__ import annotations

from collections.abc import Sequence

from trimtab.release.flight import latencies, means, shares
from trimtab.release.flight.claims import CHANCES, Claim, claims_of
from trimtab.release.flight.joined import joined
from trimtab.release.flight.judged import Judged
from trimtab.release.flight.plan import Kind, Plan
from trimtab.release.flight.states import Evidence, Finding, Stratum, Verdict
from trimtab.release.flight.words import said

__all__ = ["judge", "judge_one"]


def judge(plan: Plan, evidence: Evidence) -> tuple[Finding, ...]:
    """One finding for each claim, in the order of the limits."""
    strata = evidence.strata
    if (
        plan.kind == "blue-green" and strata
    ):  # nobody answers beside it: it is held against what the champion did before
        strata = (joined(strata),)
    return tuple(_finding(claim, judge_one(claim, strata, plan.kind)) for claim in claims_of(plan))


def judge_one(claim: Claim, strata: Sequence[Stratum], kind: Kind) -> Judged:
    """What the counts say of one claim."""
    if not strata:
        return Judged()
    match claim.measure:
        case "errors" if claim.how == "at_most":
            return shares.judge_alone(claim, shares.errors(strata, kind))
        case "errors" if claim.how == "worse_by":
            return shares.judge_beside(claim, shares.errors(strata, kind))
        case "disagreement" if claim.how == "at_most":
            return shares.judge_alone(claim, shares.disagreements(strata))
        case "shift" if claim.how == "at_most":
            return means.judge_shift(claim, strata)
        case measure if measure in CHANCES and claim.how == "at_most":
            return latencies.judge_alone(claim, latencies.times(strata, kind))
        case measure if measure in CHANCES and claim.how == "worse_by":
            return latencies.judge_beside(claim, latencies.times(strata, kind))
        case measure if measure in CHANCES or measure in {"errors", "disagreement", "shift"}:
            return Judged()  # nothing that can be measured; `check_plan` says so
        case _:
            return means.judge_measure(claim, strata)


def _finding(claim: Claim, judged: Judged) -> Finding:
    verdict: Verdict = "PASS" if judged.kept else "UNKNOWN"
    if judged.broken:
        verdict = "WARN" if claim.warn_only else "FAIL"
    low, high, value = judged.low, judged.high, judged.value
    upwards = claim.how != "at_least"
    # a verdict is proved by a sharper test than the interval is made of
    if upwards and judged.broken and low is not None:
        low = max(low, claim.limit)
    if upwards and verdict == "PASS" and high is not None:
        high = min(high, claim.limit)
    guessed = value is not None and (value <= claim.limit if upwards else value >= claim.limit)
    keeps = verdict == "PASS" or guessed  # it may be proved whatever the champion has, before anything of it is known
    text = said(claim, judged, verdict)
    return Finding(claim.measure, claim.limit, verdict, value, low, high, judged.n, text, claim.warn_only, keeps)

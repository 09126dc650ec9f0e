"""Findings, durations and shares in the words that a ledger and a terminal show."""

from __future__ import annotations

from typing import Final

from trimtab.release.flight.claims import CHANCES, Claim
from trimtab.release.flight.judged import Judged
from trimtab.release.flight.states import Verdict

__all__ = ["duration", "percent", "said"]

_SHARES: Final = ("errors", "disagreement")
_MINUTE_S, _HOUR_S = 60, 3600


def percent(share: float) -> str:
    """Such as `5 %`, `1.31 %` or `0.02 %`."""
    return f"{share * 100:.3g} %"


def duration(seconds: float) -> str:
    """Such as `45 s`, `10 min` or `1.5 h`."""
    if seconds < _MINUTE_S:
        return f"{seconds:.3g} s"
    return f"{seconds / _MINUTE_S:.3g} min" if seconds < _HOUR_S else f"{seconds / _HOUR_S:.3g} h"


def said(claim: Claim, judged: Judged, verdict: Verdict) -> str:
    """Such as `errors 1.31 % > 0.5 %, n 6208`; what is not known yet says between what it may lie."""
    name = f"{claim.measure} of `{judged.of}`" if judged.of else claim.measure
    good, bad = (">=", "<") if _larger_is_better(claim) else ("<=", ">")
    if verdict == "PASS" and judged.value is None and judged.mine is not None:
        limit = _limit(claim, judged)
        return f"{name} {_shown(claim, judged.mine)} {good} {limit} whatever the champion has, n {judged.n}"
    if judged.value is None or judged.mine is None:
        return f"{name}: {_nothing(claim, judged)}"
    shown = judged.value if claim.measure == "shift" else judged.mine
    beside = "" if judged.theirs is None or claim.how != "worse_by" else f" (champion {_shown(claim, judged.theirs)})"
    if verdict != "UNKNOWN":
        relation = good if verdict == "PASS" else bad
        return f"{name} {_shown(claim, shown)} {relation} {_limit(claim, judged)}, n {judged.n}"
    return f"{name} {_shown(claim, shown)}{beside}, not yet proved {good} {_limit(claim, judged)}, n {judged.n}"


def _nothing(claim: Claim, judged: Judged) -> str:
    if claim.how == "worse_by" and judged.n:
        return f"nothing of the champion to compare with, n {judged.n}"
    return "nothing measured yet"


def _larger_is_better(claim: Claim) -> bool:
    own = claim.measure in _SHARES or claim.measure in CHANCES or claim.measure == "shift"
    return not own and claim.how != "at_most"


def _limit(claim: Claim, judged: Judged) -> str:
    if claim.how != "worse_by" or judged.theirs is None:
        return _shown(claim, claim.limit)
    theirs = _shown(claim, judged.theirs)
    if claim.measure in CHANCES:
        return f"{claim.limit:g} x {theirs}"
    return f"{theirs} {'-' if _larger_is_better(claim) else '+'} {_shown(claim, claim.limit)}"


def _shown(claim: Claim, value: float) -> str:
    if claim.measure in _SHARES:
        return percent(value)
    if claim.measure in CHANCES:
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    return f"{value:.3g} sd" if claim.measure == "shift" else f"{value:.4g}"

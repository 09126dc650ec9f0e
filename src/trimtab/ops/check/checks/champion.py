"""`champion`: compared with the bundle that is live, on the same held rows; a regression blocks."""

from __future__ import annotations

from math import isfinite

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.dtypes import Array
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found
from trimtab.ops.check.resample import interval_of
from trimtab.ops.check.score import scored
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:
    """FAIL where it is shown to be worse by more than `worse_by` of the metric's limit; 0 without one."""
    where = subject.environment
    if not subject.live_known:
        raise CannotError("it is not known what is live", "`--for ENV`, or `--live BUNDLE`")
    if subject.live is None:
        says = "nothing is live: there is no champion"
        return Found((Measure("worse", None, "PASS", says=says),), environment=where)
    digest = subject.live.digest
    if digest == subject.bundle.digest:
        return Found((Measure("worse", 0.0, "PASS", says="it is the champion itself"),), {}, digest, where)
    mine, theirs = scored(subject, bench, subject.bundle), scored(subject, bench, subject.live)
    if mine.rows != theirs.rows or not np.array_equal(mine.held.truth, theirs.held.truth):
        raise CannotError("the champion reads other held rows")

    def behind(places: Array) -> float:
        return mine.better * (theirs.metric(places) - mine.metric(places))

    limit = subject.limit(subject.wanted.metric)
    most = limit.worse_by or 0.0
    worse = interval_of(behind, mine.rows)
    if not isfinite(worse.value):
        raise CannotError(f"`{subject.wanted.metric}` says nothing of these held rows")
    verdict: Verdict = "FAIL" if worse.low > most else "PASS" if worse.high <= most else "UNKNOWN"
    if verdict != "PASS" and limit.warn_only:
        verdict = "WARN"
    every = np.arange(mine.rows)
    facts = {"metric": subject.wanted.metric, "champion": theirs.metric(every), "challenger": mine.metric(every)}
    says = f"by {worse}"
    if verdict == "UNKNOWN":
        says += f"; {mine.rows} rows do not show that it is not worse by more than {most:g}"
    return Found((Measure("worse", worse.value, verdict, most, count=mine.rows, says=says),), facts, digest, where)

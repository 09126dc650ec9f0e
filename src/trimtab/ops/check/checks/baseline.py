"""`baseline`: the model is better than no model at all, and as good as `[limits]` wants it."""

from __future__ import annotations

from math import isfinite

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.dtypes import Array
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found, Interval, within
from trimtab.ops.check.metrics import constant
from trimtab.ops.check.resample import interval_of
from trimtab.ops.check.score import Scored, metric_for, scored
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:
    """FAIL where it is shown to be no better than the baseline, or beyond a limit of its metric."""
    mine = scored(subject, bench, subject.bundle)
    name = subject.wanted.metric
    limit = subject.limit(name)
    whole = interval_of(mine.metric, mine.rows)
    if not isfinite(whole.value):
        raise CannotError(f"`{name}` says nothing of these held rows")
    measures = [_better(subject, bench, mine, whole)]
    if limit.at_least is not None or limit.at_most is not None:
        verdict = within(whole, at_most=limit.at_most, at_least=limit.at_least)
        if verdict != "PASS" and limit.warn_only:
            verdict = "WARN"
        bound = limit.at_least if limit.at_least is not None else limit.at_most
        measures.append(Measure(name, whole.value, verdict, bound, count=mine.rows, says=str(whole)))
    else:
        measures.append(Measure(name, whole.value, "PASS", count=mine.rows, says=f"{whole}; no limit is set"))
    return Found(tuple(measures), {"metric": name, "baseline": subject.wanted.baseline or "the best constant"})


def _better(subject: Subject, bench: Bench, mine: Scored, whole: Interval) -> Measure:
    """By how much it is better than the baseline, row by row where that answers rows."""
    baseline = subject.wanted.baseline
    if isinstance(baseline, float | int):
        ahead = Interval(whole.value - baseline, whole.low - baseline, whole.high - baseline)
        if mine.better < 0:
            ahead = Interval(-ahead.value, -ahead.high, -ahead.low)
        against = f"than {baseline:g}"
    else:
        theirs, against = _theirs(subject, bench, mine)
        other = metric_for(subject, bench, mine.field, theirs, mine.held.truth)
        ahead = interval_of(lambda places: mine.better * (mine.metric(places) - other(places)), mine.rows)
    verdict: Verdict = "PASS" if ahead.low > 0 else "FAIL" if ahead.high <= 0 else "UNKNOWN"
    value = ahead.value if isfinite(ahead.value) else None
    return Measure("better", value, verdict, 0.0, count=mine.rows, says=f"{against} by {ahead}")


def _theirs(subject: Subject, bench: Bench, mine: Scored) -> tuple[Array, str]:
    baseline = subject.wanted.baseline
    if not isinstance(baseline, str):
        return constant(subject.wanted.metric, mine.field, mine.held.truth, mine.answers), "than the best constant"
    columns = {name: column.values for name, column in mine.held.table.columns.items()}
    found = bench.value(baseline, {"rows": columns})
    if not isinstance(found, list) or len(found) != mine.rows:
        raise CannotError(f"`{baseline}` does not answer one value a row")
    return np.array(found), f"than `{baseline}`"

"""`load`: a server of the bundle under load on this machine, held against `[limits]`.

The load is made in equal parts. What differs between them is the noise of this machine, and the interval is Student's
of their logarithms: where it lies across a limit, nothing is said.
"""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import fmean, stdev
from typing import Final

import numpy as np

from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found, Interval, within
from trimtab.ops.check.machine import machine
from trimtab.ops.check.subject import Bench, CannotError, Load, Subject
from trimtab.ops.replay.estimate import share, student
from trimtab.release.flight.plan import Limit

__all__ = ["check", "measures_of"]

_TIMES: Final = ("p50", "p99")
_TINY: Final = 1e-9


def check(subject: Subject, bench: Bench) -> Found:
    """FAIL where a limit of `p50`, `p99` or `errors` is broken for sure."""
    if subject.bundle.manifest.golden is None:
        raise CannotError("the bundle has no golden rows", "name a sample (`golden`) and package the model again")
    before = machine()
    parts = bench.load(subject.bundle, subject.wanted.seconds, subject.wanted.connections)
    limits = {name: subject.limit(name) for name in (*_TIMES, "errors")}
    facts = {"machine": before, "seconds": subject.wanted.seconds, "connections": subject.wanted.connections}
    return Found(tuple(measures_of(parts, limits)), facts)


def measures_of(parts: tuple[Load, ...], limits: dict[str, Limit]) -> list[Measure]:
    """Latencies, errors and throughput; those without a limit are said, and fail nothing."""
    answered = sum(part.requests for part in parts)
    failed = sum(part.failed for part in parts)
    if not answered + failed:
        return [Measure("requests", 0.0, "UNKNOWN", says="no request was made")]
    found = [_time(name, [getattr(part, name) for part in parts], limits[name], answered) for name in _TIMES]
    return [*found, _errors(answered, failed, limits["errors"]), _throughput(parts, answered)]


def _time(name: str, seconds: list[float], limit: Limit, count: int) -> Measure:
    interval = _spread(seconds)
    verdict: Verdict = "PASS" if limit.at_most is None else within(interval, at_most=limit.at_most)
    if limit.warn_only and verdict != "PASS":
        verdict = "WARN"
    says = f"{interval} s" + ("" if limit.at_most is not None else ", no limit")
    return Measure(name, interval.value, verdict, limit.at_most, "s", count, says)


def _spread(values: list[float]) -> Interval:
    logs = [log(max(value, _TINY)) for value in values]
    middle = fmean(logs)
    if len(logs) < 2:  # noqa: PLR2004  # one number has no spread
        return Interval(exp(middle), 0.0, float("inf"))
    half = student(len(logs) - 1) * stdev(logs) / sqrt(len(logs))
    return Interval(exp(middle), exp(middle - half), exp(middle + half))


def _errors(answered: int, failed: int, limit: Limit) -> Measure:
    total = answered + failed
    has = np.arange(total) < failed
    found = share(has, np.ones(total), np.arange(total))
    interval = Interval(found.value, found.low, found.high)
    # without a limit, none: nobody else asks this server
    alone: Verdict = "FAIL" if failed else "PASS"
    verdict = alone if limit.at_most is None else within(interval, at_most=limit.at_most)
    if limit.warn_only and verdict != "PASS":
        verdict = "WARN"
    return Measure("errors", found.value, verdict, limit.at_most or 0.0, "", total, f"{failed} of {total}, {interval}")


def _throughput(parts: tuple[Load, ...], answered: int) -> Measure:
    interval = _spread([part.per_s for part in parts])
    return Measure("throughput", interval.value, "PASS", None, "requests/s", answered, str(interval))

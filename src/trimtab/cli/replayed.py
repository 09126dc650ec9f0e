"""What `trimtab replay` shows a person: a line a topic; what is not there has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from trimtab.ops.replay.report import Report
from trimtab.ops.replay.timing import Timing
from trimtab.ops.replay.words import baseline, between, counted, moving, percent, period, promised, seconds

__all__ = ["lines"]

Line: TypeAlias = tuple[str, str]


def lines(report: Report, limit: float | None = None) -> Iterator[Line]:
    """Topic and text of each line; limit: the most that may change, as a share."""
    changed, lost = report.changed, report.lost
    yield "replayed", f"{changed.rows:,} decisions of `{report.endpoint}`, {period(report)}"
    yield "candidate", str(report.candidate)
    yield "against", baseline(report)
    yield "decision", "; ".join(report.rules)
    yield "changed", f"{percent(changed.value)} ({between(changed)}): {counted(changed, 'decisions')}"
    if limit is not None:
        yield "limit", promised(report, limit)
    if lost.count:
        yield "lost", f"{percent(lost.value)} ({between(lost)}): {counted(lost, 'decisions')} have no answer any more"
    for cause, example in zip(report.causes, report.cause_ids, strict=True):
        yield "error", f"{percent(cause.share.value)} {cause.kind}: {cause.said} ({example})"
    if report.failed:
        yield "recovered", f"{report.recovered:,} of {report.failed:,} rows that had no answer then"
    for group in report.groups:
        share = f"{percent(group.share.value)} of {group.share.rows:,} decisions change"
        yield "segment", f"{group.words}: {share}, elsewhere {percent(group.elsewhere.value)}"
    for move in report.moves:
        yield (
            "move",
            f"`{move.output}` {move.before} -> {move.after}: {percent(move.share.value)}, {move.share.count:,}",
        )
    for score in report.scores:
        yield "number", f"`{score.output}` {moving(score)}"
    if report.timing is not None:
        yield from _timing(report.timing)
    for note in report.notes:
        yield "note", note


def _timing(timing: Timing) -> Iterator[Line]:
    """Of this machine, beside what was recorded on whatever served."""
    many = f"a row {seconds(timing.row)} in calls of many, on this machine"
    yield "latency", many if timing.alone is None else f"{many}; a call of one row {_pair(timing.alone)}"
    if timing.recorded is not None:
        yield "recorded", f"a request of one row {_pair(timing.recorded)}, from question to answer, where it was served"


def _pair(pair: tuple[float, float]) -> str:
    return f"{seconds(pair[0])}, 99 % within {seconds(pair[1])}"

"""What a journal holds, counted: by endpoint and revision, what was not kept, and what the disk has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trimtab.journal.query.duck import Duck, moment_of
from trimtab.journal.query.filter import FAILED, Filter
from trimtab.journal.query.session import OpenJournal

__all__ = ["Count", "Lost", "Stats", "stats"]


@dataclass(frozen=True, slots=True)
class Count:
    """Interactions of one revision behind one endpoint. failed: of them.

    median_s, p99_s: seconds from question to answer, where they are known.
    """

    endpoint: str
    revision: str
    interactions: int
    rows: int
    failed: int
    first: datetime
    last: datetime
    median_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Interactions that were not kept for one reason, None where nobody knows how many, and when last."""

    why: str
    count: int | None
    last: datetime


@dataclass(frozen=True, slots=True)
class Stats:
    """files, file_bytes: sealed; segments, segment_bytes: not yet."""

    counts: tuple[Count, ...]
    lost: tuple[Lost, ...]
    files: int
    file_bytes: int
    segments: int
    segment_bytes: int


def stats(journal: OpenJournal, wanted: Filter) -> Stats:
    """The counts of the wanted interactions, and of the whole disk."""

    def ask(duck: Duck) -> tuple[list[Count], list[Lost], list[int]]:
        rows = duck.rows(_COUNTS.format(failed=FAILED, where=wanted.sql()))
        counts = [
            Count(of, by, asked, lines, failed, moment_of(first), moment_of(last), median, p99)
            for of, by, asked, lines, failed, first, last, median, p99 in rows
        ]
        lost = [Lost(why, count, moment_of(last)) for why, count, last in duck.rows(_LOST)]
        return counts, lost, [path.stat().st_size for paths in journal.sources.files.values() for path in paths]

    counts, lost, sizes = journal.asked(("interactions", "gaps"), ask)
    segments = journal.sources.segments
    return Stats(tuple(counts), tuple(lost), len(sizes), sum(sizes), len(segments), sum(one.size for one in segments))


# a request is one line, or several of one id, of which the first is row 0
_COUNTS = """
    SELECT endpoint, revision, count(*) FILTER (one), count(row), count(*) FILTER (one AND failed),
        epoch_us(min(time)), epoch_us(max(time)),
        quantile_cont(seconds, 0.5) FILTER (one), quantile_cont(seconds, 0.99) FILTER (one)
    FROM (SELECT *, coalesce(row, 0) = 0 AS one, {failed} AS failed FROM interactions WHERE {where})
    GROUP BY endpoint, revision ORDER BY endpoint, min(time), revision
"""
_LOST = "SELECT why, CAST(sum(count) AS BIGINT), epoch_us(max(time)) FROM gaps GROUP BY why ORDER BY why"

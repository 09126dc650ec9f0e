"""How much is known of what was answered: coverage, delay, and what does not fit. All of it from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from trimtab.journal.truth.join import Policy, distinct, feedback_joined, truth_joined, unknown

__all__ = ["QUANTILES", "Coverage", "Readout", "Tables", "read_out"]

QUANTILES: Final = (0.5, 0.9, 0.99)


class Tables(Protocol):
    """The tables `interactions`, `truth` and `feedback`, to be asked in DuckDB's SQL."""

    def rows(self, sql: str, /) -> Sequence[tuple[Any, ...]]:
        """The rows of a short answer."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how much of an endpoint's answered rows one truth is known; of none where it has no name.

    answers, known: rows; share: of all that were answered, also where only some were logged. contradictory: rows of
    which different things were said. delays_s: from the question to the first truth, for each of QUANTILES.
    """

    endpoint: str
    name: str
    answers: int
    known: int
    share: float
    contradictory: int
    delays_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Readout:
    """entries, opinions: of truth and of feedback, each once. again: entries that say what another one has said.

    unknown, unknown_opinions: those of them that are about no answer known so far. score: the mean, None for none.
    """

    answers: int
    coverage: tuple[Coverage, ...]
    entries: int
    again: int
    unknown: int
    opinions: int
    unknown_opinions: int
    score: float | None


# rows that were answered, each with the number of those that it stands for
_ANSWERS: Final = (
    "SELECT id, row, any_value(endpoint) AS endpoint, any_value(time) AS time, any_value(1 / sampled) AS weight"
    " FROM interactions WHERE status < 400 AND row IS NOT NULL AND sampled > 0 GROUP BY id, row"
)
# endpoints with all their answers, beside every name that a truth of them has
_COVERAGE: Final = """
    WITH answer AS ({answers}), truths AS MATERIALIZED ({truths}),
    whole AS (SELECT endpoint, count(*) AS answers, sum(weight) AS weight FROM answer GROUP BY endpoint),
    part AS (
        SELECT endpoint, name, count(*) FILTER (counts) AS known, sum(weight) FILTER (counts) AS weight,
            count(*) FILTER (contradictory) AS contradictory,
            quantile_cont(greatest(epoch(truths.known) - epoch(answer.time), 0), {quantiles}) AS delays
        FROM answer JOIN truths USING (id, row) GROUP BY endpoint, name
    )
    SELECT endpoint, coalesce(name, ''), answers, coalesce(part.known, 0), coalesce(part.weight, 0) / whole.weight,
        coalesce(contradictory, 0), coalesce(delays, [])
    FROM whole LEFT JOIN part USING (endpoint) ORDER BY endpoint, name
"""


def read_out(tables: Tables, policy: Policy = "last") -> Readout:
    """What is known by now; policy: what counts of entries that contradict each other."""
    counts = "NOT contradictory" if policy == "none" else "true"
    truths = f"SELECT *, {counts} AS counts FROM ({truth_joined()})"  # noqa: S608 - of words of ours only
    coverage = tables.rows(_COVERAGE.format(answers=_ANSWERS, truths=truths, quantiles=list(QUANTILES)))
    ((score,),) = tables.rows(f"SELECT avg(score) FROM ({feedback_joined()})")  # noqa: S608 - of words of ours only
    entries = _count(tables, distinct("truth"))
    return Readout(
        _count(tables, _ANSWERS),
        tuple(
            Coverage(of, name, all_, some, share, odd, tuple(late))
            for of, name, all_, some, share, odd, late in coverage
        ),
        entries,
        _count(tables, "FROM truth") - entries,
        _count(tables, unknown("truth")),
        _count(tables, distinct("feedback")),
        _count(tables, unknown("feedback")),
        score,
    )


def _count(tables: Tables, sql: str) -> int:
    ((count,),) = tables.rows(f"SELECT count(*) FROM ({sql})")  # noqa: S608 - of words of ours only
    return int(count)

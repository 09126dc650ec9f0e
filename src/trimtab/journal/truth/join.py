"""Which answer each entry is about, and what holds of it in the end: rules written in SQL, for DuckDB.

They read the tables `interactions`, `truth` and `feedback`, and do not depend on the order in which anything arrived,
or on how often:

1. An entry is about the row of the interaction that its id names. An id that no server gives (`ownership.GIVEN`) is
   also what a caller named his request, and then it is about every interaction of that name.
2. It counts only if an operator says it, or the principal that the answer was given to.
3. Entries of one principal that say the same of the same row, at the same time if they say when, are one entry, of
   when the first of them arrived. So a request that is sent again changes nothing, be it days later.
4. Of entries that contradict each other the policy picks: the last one by its time, the first one, or none of them.
   Where times are equal, arrival decides, then the value.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, assert_never

from trimtab.journal.truth.ownership import GIVEN

__all__ = ["POLICIES", "Policy", "Table", "distinct", "feedback_joined", "truth_joined", "unknown"]

Table: TypeAlias = Literal["truth", "feedback"]
Policy: TypeAlias = Literal["last", "first", "none"]
POLICIES: Final[tuple[Policy, ...]] = ("last", "first", "none")
# what makes two entries say the same, beside the row; `told` is null where nobody said when
_KEYS: Final[dict[Table, tuple[str, ...]]] = {
    "truth": ("name", "same", "told", "principal"),
    "feedback": ("score", "label", "comment", "correction", "told", "principal"),
}
_SAID: Final[dict[Table, str]] = {
    # a number is the same as another that is equal, however it was written
    "truth": "SELECT *, coalesce(CAST(number AS VARCHAR), value) AS same, nullif(time, received) AS told FROM truth",
    "feedback": "SELECT *, nullif(time, received) AS told FROM feedback",
}


def truth_joined(policy: Policy = "last") -> str:
    """A row for each row of an interaction and name of a truth.

    id, row, name, value, number, time, received, principal, operator; entries: that differ; contradictory: whether
    their values do; known: when the first of them arrived.
    """
    return f"""
        WITH {_meant("truth")}, entry AS (
            SELECT id, row, {", ".join(_KEYS["truth"])}, min(value) AS value, min(number) AS number,
                bool_or(operator) AS operator, min(received) AS received, coalesce(told, min(received)) AS time
            FROM meant GROUP BY id, row, {", ".join(_KEYS["truth"])}
        ), ranked AS (
            SELECT *, count(*) OVER one AS entries, min(same) OVER one <> max(same) OVER one AS contradictory,
                min(received) OVER one AS known,
                row_number() OVER (PARTITION BY id, row, name ORDER BY {_order(policy)}, same, principal) AS place
            FROM entry WINDOW one AS (PARTITION BY id, row, name)
        )
        SELECT id, row, name, value, number, time, received, principal, operator, entries, contradictory, known
        FROM ranked WHERE place = 1{" AND NOT contradictory" if policy == "none" else ""}
    """  # noqa: S608 - of words of ours only


def feedback_joined() -> str:
    """A row for each entry of feedback and row of an interaction that it is about; contradictions are opinions."""
    return f"""
        WITH {_meant("feedback")}
        SELECT id, row, score, label, comment, correction, coalesce(told, min(received)) AS time,
            min(received) AS received, principal, bool_or(operator) AS operator
        FROM meant GROUP BY id, row, {", ".join(_KEYS["feedback"])}
    """  # noqa: S608 - of words of ours only


def distinct(table: Table) -> str:
    """A row for each entry, by the id that it was said of; what says the same is one."""
    return f"SELECT DISTINCT id, row, {', '.join(_KEYS[table])} FROM ({_SAID[table]})"  # noqa: S608 - of words of ours


def unknown(table: Table) -> str:
    """Those of them that are about no interaction that is known so far."""
    return f"""
        WITH {_meant(table)}
        SELECT DISTINCT id, row, {", ".join(_KEYS[table])} FROM said WHERE entry NOT IN (SELECT entry FROM meant)
    """  # noqa: S608 - of words of ours only


def _meant(table: Table) -> str:
    """Common table expressions: `said`, the entries; `meant`, each with the interaction it is about as `id`."""
    may = "asked.row = said.row AND (said.operator OR asked.principal = said.principal)"
    columns = "asked.id AS id, said.* EXCLUDE (id)"
    return f"""asked AS (
            SELECT DISTINCT id, coalesce(row, 0) AS row, principal, request_id FROM interactions
        ), said AS MATERIALIZED (
            SELECT *, row_number() OVER () AS entry FROM ({_SAID[table]})
        ), meant AS (
            SELECT {columns} FROM said JOIN asked ON asked.id = said.id AND {may}
            UNION ALL
            SELECT {columns} FROM said JOIN asked ON asked.request_id = said.id AND asked.id <> said.id AND {may}
            WHERE NOT regexp_full_match(said.id, '{GIVEN}')
        )"""  # noqa: S608 - of words of ours only


def _order(policy: Policy) -> str:
    match policy:
        case "last":
            return "time DESC, received DESC"
        case "first" | "none":
            return "time, received"
        case _:
            assert_never(policy)

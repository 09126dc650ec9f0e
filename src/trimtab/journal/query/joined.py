"""Interactions with what is known of them by now: a query for the table `joined`, and its columns.

Beside the columns of `interactions`: `truth`, or `truth_NAME` for truths of other names, of the type that their values
have in common; when the one called `truth` holds since, and was received. Of feedback the mean of the scores, how often
it was given, and the last label, comment and correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trimtab.journal.query.duck import Duck, name_of, text_of
from trimtab.journal.query.shapes import names_in_sql
from trimtab.journal.truth.join import Policy, feedback_joined, truth_joined

__all__ = ["FEEDBACK", "TRUTH", "joined", "truth_columns"]

TRUTH: Final = "truth"
TIMES: Final = ("truth_time", "truth_received")
FEEDBACK: Final = ("feedback_score", "feedback_count", "feedback_label", "feedback_comment", "feedback_correction")
_MOST: Final = 100  # names of truths that become columns; all are in the table `truth`
# what a person said in words, and how SQL reads it
_WORDS: Final = {
    "label": "json_extract_string(label, '$')",
    "comment": "nullif(comment, '')",
    "correction": "json_extract_string(correction, '$')",
}
# what all values of a truth are, the first that holds: how SQL reads it, and in the words of Arrow
_KINDS: Final = {
    "value IN ('true', 'false')": ("value = 'true'", "bool"),
    "regexp_full_match(value, '-?[0-9]{1,15}')": ("TRY_CAST(value AS BIGINT)", "int64"),
    "number IS NOT NULL AND value NOT IN ('true', 'false')": ("number", "double"),
}
_TEXT: Final = ("json_extract_string(value, '$')", "string")


def joined(duck: Duck, interactions: Mapping[str, Any], policy: Policy) -> tuple[str, dict[str, Any]]:
    """The query, over the tables it is made of; they must be there."""
    import pyarrow as pa

    time = pa.timestamp("us", "UTC")
    values = truth_columns(duck)
    truths = dict.fromkeys(TIMES, time)
    truths |= {column: pa.type_for_alias(kind) for column, (_, _, kind) in values.items()}
    said = dict.fromkeys(FEEDBACK, pa.string()) | {FEEDBACK[0]: pa.float64(), FEEDBACK[1]: pa.int64()}
    picked = [f"max({column.partition('_')[2]}) FILTER (name = 'truth') AS {column}" for column in TIMES]
    picked += [
        f"any_value({value}) FILTER (name = {text_of(name)}) AS {name_of(column)}"
        for column, (name, value, _) in values.items()
    ]
    last = [
        f"last({value} ORDER BY time, received, {word}) FILTER ({value} IS NOT NULL) AS feedback_{word}"
        for word, value in _WORDS.items()
    ]
    query = f"""
        WITH known_truth AS (SELECT id, row, {", ".join(picked)} FROM ({truth_joined(policy)}) GROUP BY id, row),
        known_feedback AS (
            SELECT id, row, avg(score) AS feedback_score, count(*) AS feedback_count, {", ".join(last)}
            FROM ({feedback_joined()}) GROUP BY id, row
        )
        SELECT one.*, known_truth.* EXCLUDE (id, row),
            known_feedback.* EXCLUDE (id, row) REPLACE (coalesce(feedback_count, 0) AS feedback_count)
        FROM interactions AS one
        LEFT JOIN known_truth ON known_truth.id = one.id AND known_truth.row = coalesce(one.row, 0)
        LEFT JOIN known_feedback ON known_feedback.id = one.id AND known_feedback.row = coalesce(one.row, 0)
    """  # noqa: S608 - of words of ours, and names in quotes
    return query, {**interactions, **truths, **said}


def truth_columns(duck: Duck) -> dict[str, tuple[str, str, str]]:
    """A column for each name of a truth: its name, how its values are read, and what they are in the words of Arrow."""
    tests = ", ".join(f"coalesce(bool_and({test}), false)" for test in _KINDS)
    order = "name <> 'truth', count(*) DESC, name"
    found = duck.rows(f"SELECT name, {tests} FROM truth GROUP BY name ORDER BY {order}")  # noqa: S608 - of our words
    kinds = {
        name: next((kind for kind, holds in zip(_KINDS.values(), held, strict=True) if holds), _TEXT)
        for name, *held in found[:_MOST]
    }
    kinds.setdefault(TRUTH, ("number", "double"))
    columns = names_in_sql([*TIMES, *(TRUTH if name == TRUTH else f"{TRUTH}_{name}" for name in kinds)])[len(TIMES) :]
    return {column: (name, *kind) for column, (name, kind) in zip(columns, kinds.items(), strict=True)}

"""What a journal has of a flight: its answers of both arms, and parts of them by a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.journal.query.columns import find, unknown
from trimtab.journal.query.duck import name_of
from trimtab.journal.query.faults import asking
from trimtab.journal.query.filter import SEEN, Filter
from trimtab.journal.query.shapes import names_in_sql
from trimtab.journal.query.sources import EVER, Period
from trimtab.ops.readout.looks import Answers, Look, looks_of_answers
from trimtab.ops.replay.features import feature_of

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal

__all__ = ["Asked", "answers_of", "parts_of"]

_MOST: Final = 12  # parts, those with most requests
_RANGES: Final = 4  # of numbers
_DIGITS: Final = 9  # a share that was added up is the share that was meant


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose flight, and when. measures: SQL over the columns of `joined`, by name, as `truth = out_label`.

    by: a column that divides the requests into parts, empty for none.
    """

    endpoint: str
    period: Period = EVER
    measures: Mapping[str, str] = field(default_factory=dict)
    by: str = ""


def answers_of(journal: OpenJournal, asked: Asked) -> tuple[Answers, Any]:
    """Answers of requests that were divided by chance, in order of time, and the column that divides them, if any.

    A request of many rows has the mean of its measures, and the column of its first row. UserError P435 for none.
    """
    by = _column(journal, asked.by) if asked.by else "NULL"
    values = [journal.condition(text).sql for text in asked.measures.values()]
    measures = "".join(f", avg(CAST({sql} AS DOUBLE)) AS m{at}" for at, sql in enumerate(values))
    query = (
        "SELECT epoch(any_value(time)) AS time, any_value(arm) = 'challenger' AS own, "  # noqa: S608 - quoted
        "any_value(CASE arm WHEN 'challenger' THEN probability ELSE 1 - probability END) AS share, "
        f"any_value(status) >= 500 AS failed, any_value(seconds) AS seconds, arg_min({by}, row) AS part{measures} "
        f"FROM joined WHERE {SEEN} AND {Filter(asked.period, asked.endpoint).sql()} "
        "AND arm IN ('champion', 'challenger') AND (status < 400 OR status >= 500) "
        "AND probability > 0 AND probability < 1 GROUP BY id ORDER BY time, id"
    )
    with asking(journal.error, condition=True):
        found = journal.sql(query).arrow()
    if not len(found):
        what = f"no answers of a flight at `{asked.endpoint}` are recorded in that time"
        raise UserError(Problem("P435", what, str(journal.folder.path), "an earlier `--since`, or another endpoint"))
    own = {name: _floats(found[f"m{at}"]) for at, name in enumerate(asked.measures)}
    share = np.round(_floats(found["share"]), _DIGITS)
    flags = [found[name].to_numpy().astype(bool) for name in ("own", "failed")]
    answers = Answers(_floats(found["time"]), flags[0], share, flags[1], _floats(found["seconds"]), own)
    return answers, found["part"]


def parts_of(answers: Answers, column: Any, name: str) -> dict[str, list[Look]]:
    """Looks at the parts that a column makes of the answers, by words: its values, or ranges of its numbers."""
    feature = feature_of(name, column)
    if feature is None:
        return {}
    codes, labels = feature.codes, [f"{name} = `{label}`" for label in feature.labels]
    if feature.ordered and len(labels) > _RANGES:
        codes, labels = _ranges(codes, feature.labels, name)
    counts = np.bincount(codes, minlength=len(labels) + 1)[1:]
    chosen = sorted(np.argsort(-counts, kind="stable")[:_MOST].tolist())
    return {labels[at]: looks_of_answers(answers.of(codes == at + 1), 1) for at in chosen if counts[at]}


def _ranges(codes: Array, labels: tuple[Any, ...], name: str) -> tuple[Array, list[str]]:
    """Four ranges of about equally many."""
    some = codes[codes > 0]
    cuts = np.unique(np.quantile(some, np.arange(1, _RANGES) / _RANGES).astype(int)).tolist()
    starts = [1, *(cut for cut in cuts if cut > 1)]
    grouped = np.where(codes > 0, np.searchsorted(starts, codes, side="right"), 0)
    words = [f"{name} < `{labels[starts[1] - 1]}`"] if len(starts) > 1 else [f"{name} any"]
    for first, following in zip(starts[1:], [*starts[2:], None], strict=True):
        upper = "" if following is None else f", < `{labels[following - 1]}`"
        words.append(f"{name} >= `{labels[first - 1]}`{upper}")
    return grouped, words


def _column(journal: OpenJournal, name: str) -> str:
    """The column that is meant, in SQL; UserError P933 for none."""
    known = list(journal.columns("joined"))
    found = find(name, known)
    if found is None:
        raise UserError(*unknown([name], known, "--by"))
    return name_of(dict(zip(known, names_in_sql(known), strict=True))[found])


def _floats(column: Any) -> Array:
    return np.asarray(column.to_numpy(), np.float64)

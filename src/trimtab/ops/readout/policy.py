"""What a policy that was not flown would have brought, from what a journal has of a flight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.journal.query.duck import name_of
from trimtab.journal.query.faults import asking
from trimtab.journal.query.filter import SEEN, Filter
from trimtab.journal.query.shapes import names_in_sql
from trimtab.journal.query.sources import EVER, Period
from trimtab.ops.replay.features import Feature, features_of
from trimtab.ops.replay.words import percent
from trimtab.release.policy.estimate import Range, Value, doubly_robust, ips, self_normalised
from trimtab.release.policy.logged import Logged
from trimtab.release.policy.models import cross_fitted, ridge
from trimtab.release.policy.overlap import Overlap, overlap_of

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal

__all__ = ["Unflown", "Wish", "lines", "unflown"]

_TOPICS: Final = {"ips": "ips", "self-normalised": "normalised", "doubly robust": "robust"}
_WORDS: Final = 20  # labels of a column that are told apart by the model
_REWARDS: Final = {"errors": "CASE WHEN status >= 500 THEN 1.0 ELSE 0.0 END", "seconds": "seconds"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A policy: the challenger answers where the condition holds, the champion elsewhere; empty for everywhere.

    reward: `errors`, `seconds`, or SQL over the columns of `joined`. by: who is drawn as one, `id` or `principal`.
    """

    endpoint: str
    where: str = ""
    reward: str = "errors"
    period: Period = EVER
    by: str = "id"


@dataclass(frozen=True, slots=True)
class Unflown:
    """flown: what was brought by what was flown. part: of the requests that the policy gives to the challenger."""

    wish: Wish
    flown: float
    part: float
    values: tuple[Value, ...]
    overlap: Overlap

    def plain(self) -> dict[str, Any]:
        """All of it as JSON-ready values; a bound that is not there is null."""
        return {
            "where": self.wish.where,
            "reward": self.wish.reward,
            "flown": self.flown,
            "part": self.part,
            "values": [
                {"method": one.method, "mean": _plain(one.mean), "gain": _plain(one.gain)} for one in self.values
            ],
            "rows": self.values[0].rows,
            "units": self.values[0].units,
            "effective": self.overlap.effective,
            "warnings": list(self.overlap.warnings),
        }


def unflown(journal: OpenJournal, wish: Wish) -> Unflown:
    """The policy's value by three methods; UserError P436 where no request was divided by chance."""
    columns = journal.columns("joined")
    known = list(columns)
    named = dict(zip(known, names_in_sql(known), strict=True))
    inputs = [name for name in known if name.startswith("in_")]
    listed = "".join(f", arg_min({name_of(named[name])}, row) AS x{at}" for at, name in enumerate(inputs))
    where = journal.condition(wish.where).sql if wish.where else "TRUE"
    reward = _REWARDS.get(wish.reward) or journal.condition(wish.reward).sql
    query = (
        "SELECT any_value(arm) = 'challenger' AS own, any_value(probability) AS probability, "  # noqa: S608 - quoted
        f"avg(CAST({reward} AS DOUBLE)) AS reward, arg_min(coalesce({where}, FALSE), row) AS chosen, "
        f"any_value({'principal' if wish.by == 'principal' else 'id'}) AS unit{listed} FROM joined "
        f"WHERE {SEEN} AND {Filter(wish.period, wish.endpoint).sql()} AND arm IN ('champion', 'challenger') "
        "AND (status < 400 OR status >= 500) AND probability < 1 GROUP BY id HAVING reward IS NOT NULL ORDER BY id"
    )
    with asking(journal.error, condition=True):
        found = journal.sql(query).arrow()
    if not len(found):
        what = f"no answers of a flight at `{wish.endpoint}` with such a reward are recorded in that time"
        raise UserError(Problem("P436", what, str(journal.folder.path), "an earlier `--since`, or another `--reward`"))
    features = _matrix(features_of((name, found[f"x{at}"]) for at, name in enumerate(inputs)), len(found))
    return _valued(wish, _logged(found), found["chosen"].to_numpy().astype(np.int64), features)


def _logged(found: Any) -> Logged:
    unit = np.unique(found["unit"].to_numpy().astype(str), return_inverse=True)[1]
    taken = found["own"].to_numpy().astype(np.int64)
    return Logged(taken, found["probability"].to_numpy(), found["reward"].to_numpy(), unit)


def _valued(wish: Wish, logged: Logged, wanted: Array, features: Array) -> Unflown:
    expected = cross_fitted(logged, features, 2, ridge())
    values = ips(logged, wanted), self_normalised(logged, wanted), doubly_robust(logged, wanted, expected)
    return Unflown(wish, float(logged.reward.mean()), float(wanted.mean()), values, overlap_of(logged, wanted))


def _matrix(features: Sequence[Feature], rows: int) -> Array:
    """Columns of numbers: ranks of what has an order, ones and zeros for each of the first words of what has none."""
    found = [np.zeros(rows)]
    for feature in features:
        if feature.ordered:
            found.append(feature.codes.astype(np.float64))
        else:
            found += [feature.codes == at + 1 for at in range(min(len(feature.labels), _WORDS))]
    return np.column_stack(found).astype(np.float64)


def lines(found: Unflown) -> Iterator[tuple[str, str]]:
    """Topic and text of each line."""
    wish, first = found.wish, found.values[0]
    asked = f"the challenger where {wish.where}, the champion elsewhere" if wish.where else "the challenger for all"
    yield "policy", f"{asked}: {percent(found.part)} of requests to the challenger"
    yield "flown", f"{_shown(wish, found.flown)} in {first.rows:,} requests of `{wish.endpoint}`"
    for value in found.values:
        yield _TOPICS[value.method], f"{_range(wish, value.mean)}; {_gain(wish, value.gain)} than flown"
    yield "worth", f"as much as {found.overlap.effective:,.0f} requests of that policy"
    for warning in found.overlap.warnings:
        yield "warning", warning


def _range(wish: Wish, found: Range) -> str:
    if found.high == inf:
        return f"{_shown(wish, found.value)} (too few for an interval)"
    return f"{_shown(wish, found.value)} ({_shown(wish, found.low)} to {_shown(wish, found.high)})"


def _gain(wish: Wish, found: Range) -> str:
    scale, unit = (100.0, " points") if wish.reward == "errors" else (1.0, "")
    low, high = sorted((scale * found.low, scale * found.high))
    return f"{scale * found.value:+.3g}{unit} ({low:+.3g} to {high:+.3g})"


def _shown(wish: Wish, value: float) -> str:
    return f"{100 * value:.3g} %" if wish.reward == "errors" else f"{value:.4g}"


def _plain(found: Range) -> dict[str, float | None]:
    return {
        name: value if abs(value) < inf else None
        for name, value in (("value", found.value), ("low", found.low), ("high", found.high))
    }

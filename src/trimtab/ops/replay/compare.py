"""Two sides of answers, row by row, and what the differences add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.table import Column
from trimtab.ops.replay.answers import Answers
from trimtab.ops.replay.decision import Rule, called, changed, moved
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.scale import edges_of
from trimtab.ops.replay.tree import Weighed

__all__ = ["Cause", "Compared", "Move", "Score", "causes_of", "compare", "moves_of", "scores_of"]

QUANTILES: Final = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BARS: Final = 50
_TAIL: Final = 0.002  # of what moves, on either side, has no bar of its own
_LARGEST: Final = 1e300
_MOST_MOVES: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """before, after: the two sides. lost: rows that have no answer any more. by: rows that changed, by output.

    changed: rows of which the decision changed, or was lost. gained: rows that had no answer before, and have one.
    """

    rules: tuple[Rule, ...]
    before: Answers
    after: Answers
    lost: Array
    gained: Array
    changed: Array
    by: Mapping[str, Array]

    @property
    def asked(self) -> Array:
        """Rows that had an answer: all that the shares are of."""
        return self.before.has

    def column(self, side: Answers, rule: Rule, rows: Array) -> Column:
        """An output of one side, for some of the rows."""
        return side.outputs[rule.name].rows(rows)


@dataclass(frozen=True, slots=True)
class Move:
    """Decisions that were one thing and are another now."""

    output: str
    before: str
    after: str
    share: Share


@dataclass(frozen=True, slots=True)
class Score:
    """How far a number moves. moved: the share that moves by more than the tolerance; quantiles: of `after - before`.

    bars: (from, to, share of all rows) of those that moved.
    """

    output: str
    moved: Share
    quantiles: tuple[tuple[float, float], ...]
    bars: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows without an answer that have something in common; said, row: of the first of them."""

    kind: str
    said: str
    row: int
    share: Share


def compare(rules: Sequence[Rule], before: Answers, after: Answers) -> Compared:
    """Every row by every rule; rows without an answer on either side have not changed by any."""
    both = before.has & after.has
    by = {}
    for rule in rules:
        unlike = np.zeros(len(both), bool)
        if both.any():
            sides = (side.outputs[rule.name].rows(both) for side in (before, after))
            unlike[both] = changed(rule, *sides)
        by[rule.name] = unlike
    lost = before.has & ~after.has
    decided = np.any([lost, *(by[rule.name] for rule in rules if rule.decides)], axis=0)
    return Compared(tuple(rules), before, after, lost, ~before.has & after.has, decided, by)


def moves_of(compared: Compared, rows: Weighed) -> list[Move]:
    """From what to what decisions go, the commonest first; of outputs that decide and whose verdicts have names."""
    found = []
    for rule in compared.rules:
        where = np.flatnonzero(compared.by[rule.name])
        if not rule.decides or rule.how == "number" or not len(where):
            continue
        names = (
            called(rule, side.outputs[rule.name], where, then=side is compared.before)
            for side in (compared.before, compared.after)
        )
        pairs: dict[tuple[str, str], list[int]] = {}
        for row, pair in zip(where.tolist(), zip(*names, strict=True), strict=True):
            pairs.setdefault(pair, []).append(row)
        for (before, after), some in pairs.items():
            found.append(Move(rule.name, before, after, _share(rows, some, compared.asked)))
    found.sort(key=lambda move: (-move.share.value, move.output, move.before, move.after))
    return found[:_MOST_MOVES]


def scores_of(compared: Compared, rows: Weighed) -> list[Score]:
    """How far numbers move, whether they decide or not."""
    found = []
    both = np.flatnonzero(compared.before.has & compared.after.has)
    for rule in compared.rules:
        sides = (side.outputs[rule.name].rows(both) for side in (compared.before, compared.after))
        apart = moved(*sides)
        if apart is None or not np.isfinite(apart).any():
            continue
        known = np.isfinite(apart)
        where, apart = both[known], apart[known]
        number = Rule(rule.name, "number", decides=False, rtol=rule.rtol, atol=rule.atol)
        pair = (side.outputs[rule.name].rows(where) for side in (compared.before, compared.after))
        beyond = changed(number, *pair)
        weight = rows.weight[where]
        share = Weighed(beyond, weight, rows.cluster[where]).share(np.ones(len(where), bool))
        found.append(
            Score(
                rule.name,
                share,
                tuple(zip(QUANTILES, _reached(apart, weight, QUANTILES), strict=True)),
                _bars(apart[beyond], weight[beyond], weight.sum()),
            )
        )
    return found


def causes_of(compared: Compared, rows: Weighed) -> list[Cause]:
    """Why rows that had an answer have none, the commonest first."""
    kinds: dict[str, list[int]] = {}
    for row, failure in compared.after.failed.items():
        if compared.lost[row]:
            kinds.setdefault(failure.kind, []).append(row)
    found = [
        Cause(kind, compared.after.failed[some[0]].said, some[0], _share(rows, some, compared.asked))
        for kind, some in kinds.items()
    ]
    return sorted(found, key=lambda cause: (-cause.share.value, cause.kind))


def _share(rows: Weighed, some: Sequence[int], among: Array) -> Share:
    has = np.zeros(len(among), bool)
    has[list(some)] = True
    return Weighed(has, rows.weight, rows.cluster).share(among)


def _reached(values: Array, weight: Array, shares: Sequence[float]) -> list[float]:
    """The least values at which so much of the weight is reached."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    places = np.searchsorted(reached, np.array(shares) * reached[-1] * (1 - 1e-12))
    found: list[float] = values[order][places].tolist()
    return found


def _bars(values: Array, weight: Array, total: float) -> tuple[tuple[float, float, float], ...]:
    """A histogram with an edge at nought; what is far out is in the outermost bars."""
    if not len(values):
        return ()
    low, high = (min(max(value, -_LARGEST), _LARGEST) for value in _reached(values, weight, (_TAIL, 1 - _TAIL)))
    edges = np.array(edges_of(min(low, 0.0), max(high, 0.0), _BARS))
    heights, _ = np.histogram(values.clip(edges[0], edges[-1]), edges, weights=weight)
    return tuple(
        (float(start), float(end), float(height) / float(total))
        for start, end, height in zip(edges[:-1], edges[1:], heights, strict=True)
    )

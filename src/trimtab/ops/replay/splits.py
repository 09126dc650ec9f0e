"""The best way to part rows in two by one column, and whether it could have come about by chance.

If a side had nothing to do with what changed, the number of changed rows in it would be hypergeometric, and as far off
as it is, or further, with a chance of at most 2 exp(-n KL(share of the side, share of all)): Hoeffding, Probability
Inequalities for Sums of Bounded Random Variables (1963), sections 2 and 6. Each family of splits (a column, and a way
to part it) gets an equal part of the error that is allowed, each split of a family an equal part of that (Bonferroni).
There are no permutations in it, and no chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import comb, log
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.ops.replay.conditions import Condition
from trimtab.ops.replay.features import Feature

__all__ = ["LEAST_ROWS", "Counts", "Split", "best_split", "stands_out"]

LEAST_ROWS: Final = 20  # on each side
_RATIO: Final = 1.5
_APART: Final = 0.001
_LARGEST_SET: Final = 6  # words in one set


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows of which the feature's code is in `codes` are inside, all others outside.

    log_chance: logarithm of the chance to find such a split at least, had nothing to do with anything.
    """

    feature: int
    codes: Array
    inside: Condition
    outside: Condition
    log_chance: float
    gain: float


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Of a node's rows, by the code of a feature: how many, their weight, and the weight of those that have changed."""

    rows: Array
    weight: Array
    changed: Array

    def __getitem__(self, where: Array) -> Counts:
        """The same for some of the codes."""
        return Counts(self.rows[where], self.weight[where], self.changed[where])

    def gathered(self) -> Counts:
        """Of the first code, the first two, and so on."""
        return Counts(np.cumsum(self.rows), np.cumsum(self.weight), np.cumsum(self.changed))


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """Splits of one kind. sides: what is inside of each; codes: those of the nth; tries: how many there could be."""

    sides: Counts
    codes: Callable[[int], Array]
    tries: float


def stands_out(share: float, elsewhere: float) -> bool:
    """Whether a share is worth a name: half as much again as elsewhere, and a tenth of a percentage point apart."""
    return share - elsewhere >= _APART and share >= _RATIO * elsewhere


def best_split(features: Sequence[Feature], counts: Sequence[Counts], scale: float) -> Split | None:
    """The split that tells most, after the price of the search; None where none has enough rows and effect.

    scale: how many rows, drawn one by one, tell as much as a unit of weight.
    """
    families = [(at, family) for at, feature in enumerate(features) for family in _families(feature, counts[at])]
    found: Split | None = None
    for at, family in families:
        split = _best_of(family, counts[at], scale, log(len(families)) + log(family.tries))
        if split is not None and (found is None or split[1] > found.gain):
            place, gain, log_chance = split
            codes = family.codes(place)
            found = Split(at, codes, *_conditions(features[at], counts[at], codes), log_chance, gain)
    return found


def _families(feature: Feature, counts: Counts) -> Iterator[_Family]:
    """Every family that these rows allow; only codes that there are rows of count."""
    there = np.flatnonzero(counts.rows)
    if len(there) < 2:  # noqa: PLR2004  # one value alone parts nothing
        return
    null, labels = there[there == 0], there[there > 0]
    if len(null):
        yield _Family(counts[null], _always(null), 1)
    if len(labels) < 2:  # noqa: PLR2004  # null, and one value
        return
    if feature.ordered:
        down = labels[:0:-1]
        yield _Family(counts[down].gathered(), lambda place: np.sort(down[: place + 1]), len(down))
    if feature.named:
        yield _Family(counts[labels], lambda place: labels[place : place + 1], len(labels))
    if feature.named and not feature.ordered:
        # the best set of a size is among the first of the words by their share: Breiman et al. (1984), 4.2
        shares = counts.changed[labels] / counts.weight[labels]
        first = labels[np.lexsort((labels, -shares))][: min(_LARGEST_SET, len(labels) - 1)]
        sets = counts[first].gathered()
        for size in range(2, len(first) + 1):
            yield _Family(sets[np.array([size - 1])], _always(np.sort(first[:size])), comb(len(labels), size))


def _always(codes: Array) -> Callable[[int], Array]:
    return lambda _: codes


def _best_of(family: _Family, counts: Counts, scale: float, price: float) -> tuple[int, float, float] | None:
    """Place, gain and the logarithm of the chance of the family's best split."""
    rows, weight, changed = (float(part.sum()) for part in (counts.rows, counts.weight, counts.changed))
    inside = family.sides
    other = Counts(rows - inside.rows, weight - inside.weight, changed - inside.changed)
    share, elsewhere = _shares(inside), _shares(other)
    high, low = np.maximum(share, elsewhere), np.minimum(share, elsewhere)
    fit = (np.minimum(inside.rows, other.rows) >= LEAST_ROWS) & (high - low >= _APART) & (high >= _RATIO * low)
    if not fit.any():
        return None
    among = changed / weight
    left = inside.weight * scale * _divergence(share, among)
    right = other.weight * scale * _divergence(elsewhere, among)
    gain = np.where(fit, left + right - price, -np.inf)
    best = int(np.argmax(gain))
    return best, float(gain[best]), log(2) + price - float(max(left[best], right[best]))


def _conditions(feature: Feature, counts: Counts, codes: Array) -> tuple[Condition, Condition]:
    null = bool(counts.rows[0])
    if codes[0] == 0:
        return Condition(feature.name, "null"), Condition(feature.name, "not null")
    values = tuple(feature.labels[code - 1] for code in codes.tolist())
    last = int(np.flatnonzero(counts.rows)[-1])
    if feature.ordered and codes[-1] == last and not (feature.named and len(codes) == 1):
        return Condition(feature.name, ">=", values[:1]), Condition(feature.name, "<", values[:1], or_null=null)
    return Condition(feature.name, "in", values), Condition(feature.name, "not in", values, or_null=null)


def _shares(counts: Counts) -> Array:
    found: Array = np.divide(counts.changed, counts.weight, out=np.zeros(len(counts.weight)), where=counts.weight > 0)
    return found.clip(0, 1)


def _divergence(share: Array, other: float) -> Array:
    """Kullback and Leibler's, of coins, in nats; the other is neither 0 nor 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        heads = np.where(share > 0, share * np.log(share / other), 0.0)
        tails = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - other)), 0.0)
    return np.asarray(heads + tails)

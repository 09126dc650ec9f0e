"""Rows by the hundred thousand from a sample and a signature: the same ones wherever they are made.

A pool holds the values of one column (of one place, for a column that is a vector): first those seen, then those around
them, then the edges. A row is one number a pool, so that both processes of a comparison make the same rows from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Final

import numpy as np

from trimtab.bundle.compiled.edges import edge_values, near_values
from trimtab.core.check import check
from trimtab.core.dtypes import Array
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

__all__ = ["SEED", "Pool", "Pools", "pools_of"]

SEED: Final = 20
# two larger ones may overflow in a sum or not, as the order of its additions will have it: then no answer is the right
# one, and the original's own depends on which rows are asked with it
_WILD: Final = 1e100
_SEEN, _SOME_NEAR, _ALL_NEAR, _EDGES = 0.35, 0.6, 0.75, 0.9  # where each way of making a row ends


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Values of one column: `seen` of the sample, then `near` around them, then edges."""

    column: Column
    seen: int
    near: int

    @property
    def edges(self) -> range:
        """The places of the edges."""
        return range(self.seen + self.near, len(self.column))

    @property
    def wild(self) -> Array:
        """Which values are so large that one a row is enough."""
        values = self.column.values
        if values.dtype != np.float64:
            return np.zeros(len(values), bool)
        found: Array = np.isfinite(values) & (np.abs(values) > _WILD)
        return found

    def without(self, places: frozenset[int], *, near: bool) -> Pool:
        """The same pool without some of its edges, and without all values around those seen if `near`."""
        keep = [at for at in range(self.seen + self.near, len(self.column)) if at not in places]
        kept = np.array([*range(self.seen if near else self.seen + self.near), *keep], np.intp)
        return Pool(self.column.rows(kept), self.seen, 0 if near else self.near)


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """The pools of all columns, and how they become a table again; `at` says which pools a field is made of."""

    fields: tuple[Field, ...]
    pools: tuple[Pool, ...]
    at: tuple[range, ...]

    def table(self, places: Array) -> Table:
        """The rows whose values lie at those places, one column of places a pool."""
        columns = {}
        for field, span in zip(self.fields, self.at, strict=True):
            parts = [self.pools[at].column.rows(places[:, at]) for at in span]
            columns[field.name] = parts[0] if len(field.shape) == 1 or -1 in field.shape[1:] else _joined(field, parts)
        return Table(columns, len(places))

    def chunks(self, rows: int, size: int, seed: int = SEED) -> Iterator[Table]:
        """So many rows in tables of at most `size`; rows are the same for a seed and a size, however many are taken."""
        for number, start in enumerate(range(0, rows, size)):
            chance = np.random.default_rng([seed, number])
            yield self.table(self._places(min(size, rows - start), chance))

    def probes(self) -> Iterator[tuple[int, list[int], Table]]:
        """A row for each edge, and for some values around those seen: pool, places, and a table with a row for each."""
        for at, pool in enumerate(self.pools):
            places = [*pool.edges, *range(pool.seen, pool.seen + pool.near, max(pool.near // 3, 1))]
            rows = np.zeros((len(places), len(self.pools)), np.intp)
            rows[:, at] = places
            yield at, places, self.table(rows)

    def spared(self, refused: Sequence[tuple[int, int]]) -> Pools:
        """Without the edges that the model refuses; where it refuses one around those seen, without all of these."""
        pools = []
        for at, pool in enumerate(self.pools):
            places = frozenset(place for which, place in refused if which == at)
            pools.append(pool.without(places, near=any(place not in pool.edges for place in places)))
        return replace(self, pools=tuple(pools))

    def _places(self, rows: int, chance: np.random.Generator) -> Array:
        """Which value of each pool each row has."""
        seen = np.array([pool.seen for pool in self.pools])
        near = np.array([pool.near for pool in self.pools])
        edges = np.array([len(pool.edges) for pool in self.pools])
        width = len(self.pools)
        mixed = chance.integers(0, seen, (rows, width))  # columns of different rows of the sample
        around = np.where(near > 0, seen + chance.integers(0, np.maximum(near, 1), (rows, width)), mixed)
        ends = np.where(edges > 0, seen + near + chance.integers(0, np.maximum(edges, 1), (rows, width)), mixed)
        way, dice = chance.random((rows, 1)), chance.random((rows, width))
        few = dice < min(1.0, 2.0 / width)
        places = np.select(
            [way < _SEEN, way < _SOME_NEAR, way < _ALL_NEAR, way < _EDGES],
            [mixed, np.where(dice < 0.3, around, mixed), around, np.where(few, ends, mixed)],  # noqa: PLR2004  # three in ten
            np.where(dice < 0.3, ends, np.where(dice < 0.7, around, mixed)),  # noqa: PLR2004  # three and four in ten
        )
        wild = np.stack([pool.wild[places[:, at]] for at, pool in enumerate(self.pools)], axis=1)
        found: Array = np.where(wild & (wild.cumsum(axis=1) > 1), mixed, places)
        return found


def _joined(field: Field, parts: Sequence[Column]) -> Column:
    """Columns of numbers as one column of vectors (or of whatever the field's further axes are)."""
    values = np.stack([part.values for part in parts], axis=1)
    return Column(values.reshape(len(values), *field.shape[1:]))


def pools_of(sample: Table, signature: Signature, thresholds: Mapping[int, Array], *, wide: bool) -> Pools:
    """The pools of a signature's inputs. thresholds: of trees, by the number of the pool. wide: as in `edge_values`."""
    pools: list[Pool] = []
    spans: list[range] = []
    for field in signature.inputs:
        start = len(pools)
        column = sample.columns[field.name]
        if len(field.shape) == 1:
            pools.append(_pool(field, column, thresholds.get(start), wide=wide))
        elif -1 in field.shape[1:] or column.missing is not None or column.values.dtype.kind not in "fiub":
            pools.append(Pool(column, len(column), 0))
        else:
            flat = replace(field, shape=(-1,))
            places = column.values.reshape(len(column), prod(field.shape[1:])).T
            pools += [
                _pool(flat, Column(np.ascontiguousarray(place)), thresholds.get(start + at), wide=wide)
                for at, place in enumerate(places)
            ]
        spans.append(range(start, len(pools)))
    return Pools(signature.inputs, tuple(pools), tuple(spans))


def _pool(field: Field, column: Column, thresholds: Array | None, *, wide: bool) -> Pool:
    """One pool; every value in it is one that a checked request could bring."""
    chance = np.random.default_rng(SEED)
    values = column.values if column.missing is None else column.values[~column.missing]
    near = near_values(field, values, np.empty(0) if thresholds is None else thresholds, chance)
    edges = _column(field, edge_values(field, wide=wide))
    parts = [column, Column(near), edges]
    masks = [np.zeros(len(part), bool) if part.missing is None else part.missing for part in parts]
    whole = Column(np.concatenate([part.values for part in parts]), np.concatenate(masks))
    if whole.missing is not None and not whole.missing.any():
        whole = Column(whole.values)
    return Pool(whole, len(column), len(near))


def _column(field: Field, values: list[object]) -> Column:
    """The values as `check` would make them from JSON; infinities as the texts they are there."""
    plain = ["Infinity" if value == np.inf else "-Infinity" if value == -np.inf else value for value in values]
    return check(Signature((field,)), {field.name: plain}).columns[field.name]

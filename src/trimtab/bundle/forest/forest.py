"""A packed forest as a callable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trimtab.bundle.forest.layout import Facts, Tables
from trimtab.bundle.forest.links import finisher
from trimtab.bundle.forest.native import walker
from trimtab.bundle.forest.plain import raw_scores
from trimtab.core.dtypes import Array

__all__ = ["Forest"]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees that answer as the library that trained them, bit for bit, for rows of the dtype they were packed for.

    `Forest(...)` trusts its arrays: files are read by `file.load`, which checks them. `native=False` walks in numpy.
    """

    tables: Tables
    facts: Facts
    native: bool = True
    _walk: Callable[[Array], Array] = field(init=False, repr=False, compare=False)
    _finish: Callable[[Array], Array] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Settles how to walk; `native` becomes False where the kernel was not built."""
        walk = walker(self.tables, self.facts) if self.native else None
        object.__setattr__(self, "native", walk is not None)
        object.__setattr__(self, "_walk", walk or (lambda rows: raw_scores(self.tables, self.facts, rows)))
        object.__setattr__(self, "_finish", finisher(self.facts, native=self.native))

    def __call__(self, rows: Any) -> Array:
        """Raw scores [rows, groups] of a matrix [rows, columns]; a ValueError for what the library refuses too."""
        return self._walk(self._admitted(rows))

    def predict(self, rows: Any) -> Array:
        """The library's answers: `Booster.predict`, `inplace_predict`, `predict_proba`, or `predict` of a regressor."""
        return self._finish(self._walk(self._admitted(rows)))

    def _admitted(self, rows: Any) -> Array:
        """The rows as the walk needs them: two dimensions, the forest's dtype, aligned."""
        facts = self.facts
        given: Array = np.asarray(rows)
        if given.ndim != 2 or given.shape[1] != facts.columns:  # noqa: PLR2004  # rows and columns
            raise ValueError(f"expected [rows, {facts.columns}], got the shape {list(given.shape)}")
        cast = given.dtype.name != facts.rows
        if cast and not facts.casts and not np.can_cast(given.dtype, facts.rows):
            raise ValueError(f"packed for rows of {facts.rows}, got {given.dtype}")
        if cast:
            with np.errstate(over="ignore"):
                given = given.astype(facts.rows)
        if not given.flags.aligned or not given.flags.forc:
            given = np.array(given, order="C")
        if facts.refuses:
            finite = np.isfinite(given) if facts.refuses == "missing" else ~np.isinf(given)
            if not finite.all():
                raise ValueError(f"input contains {'NaN or ' * (facts.refuses == 'missing')}infinity for {facts.rows}")
        return given

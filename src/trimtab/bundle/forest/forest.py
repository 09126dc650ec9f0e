"""A packed forest as a callable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.layout import REFUSES, Facts, Tables
from trimtab.bundle.forest.links import answers
from trimtab.bundle.forest.native import NativeWalk
from trimtab.bundle.forest.plain import raw_scores, refused
from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array

__all__ = ["Forest"]

_DTYPES: Final = {"float32": np.dtype(np.float32), "float64": np.dtype(np.float64)}


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees that answer as the library that trained them, bit for bit, for rows of the dtype they were packed for.

    `Forest(...)` trusts its arrays: files are read by `file.load`, which checks them. `native=False` walks in numpy.
    """

    tables: Tables
    facts: Facts
    native: bool = True
    _walk: NativeWalk | None = field(init=False, repr=False, compare=False)
    _dtype: np.dtype[Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Settles how to walk; `native` becomes False where the kernel was not built."""
        loaded = library() if self.native else None
        object.__setattr__(self, "native", loaded is not None)
        object.__setattr__(self, "_walk", NativeWalk(self.tables, self.facts, loaded) if loaded else None)
        object.__setattr__(self, "_dtype", _DTYPES[self.facts.rows])

    @property
    def walk(self) -> NativeWalk | None:
        """The kernel's; None where it was not built."""
        return self._walk

    def __call__(self, rows: Any) -> Array:
        """Raw scores [rows, groups] of a matrix [rows, columns]; a ValueError for what the library refuses too."""
        return self._scores(rows, answers=False)

    def predict(self, rows: Any) -> Array:
        """The library's answers: `Booster.predict`, `inplace_predict`, `predict_proba`, or `predict` of a regressor."""
        return answers(self._scores(rows, answers=True), self.facts, linked=self.native)

    def _scores(self, rows: Any, *, answers: bool) -> Array:
        given = self._admitted(rows)
        if self._walk is not None:
            scores, fault = self._walk(given, answers=answers)
        else:
            fault = refused(given, self.facts)
            scores = raw_scores(self.tables, self.facts, given)
        if fault:
            raise ValueError(
                f"the rows contain {'NaN' if REFUSES[fault] == 'missing' else 'infinity'} as {self._dtype}"
            )
        return scores

    def _admitted(self, rows: Any) -> Array:
        """The rows as the walk needs them: two dimensions, the forest's dtype."""
        given: Array = np.asarray(rows)
        if given.ndim != 2 or given.shape[1] != self.facts.columns:  # noqa: PLR2004  # rows and columns
            raise ValueError(f"expected [rows, {self.facts.columns}], got the shape {list(given.shape)}")
        if given.dtype == self._dtype:
            return given
        if not self.facts.casts and not np.can_cast(given.dtype, self._dtype):
            raise ValueError(f"packed for rows of {self._dtype}, got {given.dtype}")
        with np.errstate(over="ignore"):
            return given.astype(self._dtype)

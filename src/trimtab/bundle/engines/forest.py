"""A packed forest as a model: from whatever preparation gives to the answer that its flavour would name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np

from trimtab.bundle.engines.inputs import columns_of, matrix_of, picked, stacked
from trimtab.bundle.engines.native import Native
from trimtab.bundle.engines.reading import MOST_COLUMNS, Fault, converted, label_faults, name_faults
from trimtab.bundle.forest.file import load
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import NATIVE_LINKS, Facts
from trimtab.core.dtypes import Array

__all__ = ["Answer", "ForestModel", "ForestOptions"]

Answer: TypeAlias = Literal["value", "chance", "even", "widest", "sign", "softmax"]
_EVEN = 0.5
_TWO = 2


class ForestOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file of the forest does not say.

    names: of its columns, held against those of a dict or DataFrame; by_name: they are chosen by it instead.
    categories: the texts or numbers that a column's codes stand for, by the column's number as text.
    answer: "value" the forest's own; "softmax" of its raw scores; "chance" of the second class when there are two;
    labels: "even" by a chance above a half, "widest" the greatest of several, "sign" by a raw score above zero.
    """

    output: str
    count: int
    answer: Answer = "value"
    names: tuple[str, ...] | None = None
    by_name: bool = False
    dtype: str = "float64"
    categories: dict[str, tuple[str | int | float | bool, ...]] = {}
    labels: tuple[str | int | float | bool, ...] | None = None


class ForestModel:
    """The model; takes a dict of arrays, a matrix or a DataFrame."""

    def __init__(self, forest: Forest, options: ForestOptions) -> None:
        """The forest and how it is asked."""
        self.forest = forest
        self._options = options
        self._labels = None if options.labels is None else np.array(options.labels)
        self._codes = {
            int(at): {value: float(code) for code, value in enumerate(values)}
            for at, values in options.categories.items()
        }

    @classmethod
    def load(cls, path: Path, options: Mapping[str, Any]) -> ForestModel:
        """The model in a packed file; the walk is in numpy where the kernel was not built.

        P291 for a file, and P289 for options, that could not have been written.
        """
        forest = load(path.parent)
        said = converted(options, ForestOptions, lambda found: _faults(found, forest.facts))
        return cls(forest, said)

    @property
    def count(self) -> int:
        """The number of columns that it is asked with."""
        return self._options.count

    @property
    def native(self) -> Native | None:
        """The model as one call of the kernel; None where numpy has a part in it."""
        options, facts, walk = self._options, self.forest.facts, self.forest.walk
        linked = facts.link == "identity" or facts.link in NATIVE_LINKS
        second = options.answer == "chance" and facts.link == "two_chances"  # which is all that the kernel makes
        if walk is None or not linked or self._codes or not np.can_cast(facts.rows, options.dtype):
            return None
        if not second and (options.answer != "value" or facts.link == "two_chances"):
            return None
        rows, scores = np.dtype(facts.rows), self.forest.tables.base.dtype
        flat = second or facts.flat
        if flat and facts.groups > 1:
            return None
        return Native(
            "forest", walk.address, facts.columns, rows, facts.groups, scores, options.output, flat, walk,
            walk.scratch, options.names,
        )  # fmt: skip

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name; ValueError for what the library itself refuses."""
        return {self._options.output: self._answer(self._rows(prepared))}

    def _rows(self, prepared: Any) -> Array:
        options = self._options
        if options.by_name and options.names is not None and isinstance(prepared, dict):
            found = picked(prepared, options.names, range(options.count))
            return stacked(list(found.values()), options.dtype)
        names = None if options.by_name else options.names
        if not self._codes or isinstance(prepared, np.ndarray):
            return matrix_of(prepared, names, options.count, options.dtype)
        columns = columns_of(prepared, names, options.count)
        return stacked([_coded(column, self._codes.get(at)) for at, column in enumerate(columns)], options.dtype)

    def _answer(self, rows: Array) -> Array:
        match self._options.answer:
            case "value":
                return self.forest.predict(rows)
            case "chance":
                found = self.forest.predict(rows)
                return found[:, 1] if found.ndim == _TWO and found.shape[1] == _TWO else found
            case "softmax":
                scores = self.forest(rows)
                powers = np.exp(scores - scores.max(axis=1, keepdims=True))
                shares: Array = powers / powers.sum(axis=1, keepdims=True)
                return shares
            case "even":
                found = self.forest.predict(rows)
                place = found.argmax(axis=1) if found.ndim > 1 else (found > _EVEN).astype(np.int64)
            case "widest":
                place = self.forest.predict(rows).argmax(axis=1)
            case "sign":
                scores = self.forest(rows)
                place = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)
        return place if self._labels is None else self._labels[place]


def _faults(options: ForestOptions, facts: Facts) -> Iterator[Fault]:
    """Whether the forest can be asked in this way."""
    yield from name_faults(options.names, options.count, by_name=options.by_name)
    if options.count != facts.columns:
        yield "count", f"{options.count} columns for a forest of {facts.columns}"
    if options.dtype not in ("float32", "float64"):
        yield "dtype", f"`{options.dtype[:40]}` is no precision of rows"
    places = set(map(str, range(min(options.count, MOST_COLUMNS)))) if options.categories else ()
    for at, values in options.categories.items():
        if at not in places:
            yield "categories", f"`{at[:40]}` is none of the {options.count} columns"
        if len(set(values)) != len(values):
            yield f"categories[{at[:40]}]", "a value stands there twice"
    width = _TWO if facts.link == "two_chances" else 0 if facts.flat else facts.groups
    if options.answer == "widest" and not width:
        yield "answer", "the forest gives one number a row, of which none is the widest"
    if options.labels is not None and options.answer in ("even", "widest", "sign"):
        classes = max(facts.groups, _TWO) if options.answer == "sign" else width or _TWO
        yield from label_faults(options.labels, classes)


def _coded(column: Array, codes: Mapping[Any, float] | None) -> Array:
    """The number of each category; NaN for a missing one and for one that training never saw."""
    if codes is None:
        return column
    return np.array([codes.get(value, np.nan) for value in column.tolist()], np.float64)

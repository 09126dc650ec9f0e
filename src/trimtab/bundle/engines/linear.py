"""Linear models with their scalers, imputers and one-hot encoders folded into the weights, in FP64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trimtab.bundle.engines.check_linear import linear_faults
from trimtab.bundle.engines.inputs import columns_of, matrix_of, picked
from trimtab.bundle.engines.native import Native
from trimtab.bundle.engines.reading import decoded
from trimtab.bundle.engines.weighing import NativeWeights, Weights, sigmoid, weighing
from trimtab.bundle.engines.weights import Category, LinearSpec, Number
from trimtab.core.dtypes import Array

__all__ = ["Linear"]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A category column, ready to be looked up: value -> row of `weights`; the last rows are missing and unknown."""

    at: int
    places: Mapping[Any, int]
    weights: Array
    missing: int
    unknown: int


class Linear:
    """The model; takes a dict of arrays, a matrix or a DataFrame."""

    def __init__(self, spec: LinearSpec) -> None:
        """Lay the weights out as arrays."""
        numbers = [term for term in spec.terms if isinstance(term, Number)]
        self._spec = spec
        self._at = [term.at for term in numbers]
        self._whole = len(numbers) == len(spec.terms) and self._at == list(range(spec.count))
        self._tables = [_table(term) for term in spec.terms if isinstance(term, Category)]
        self._sigmoid = spec.link in ("sigmoid", "shares")
        self._weigh = weighing(_weights(spec, numbers, sigmoid=self._sigmoid and not self._tables))
        self._labels = np.array(spec.labels) if spec.labels else None

    @classmethod
    def load(cls, path: Path) -> Linear:
        """The model in a file of JSON; P289 where that describes none."""
        return cls(decoded(path, LinearSpec, linear_faults))

    @property
    def count(self) -> int:
        """The number of columns that it is asked with."""
        return self._spec.count

    @property
    def native(self) -> Native | None:
        """The model as one call of the kernel; None where numpy has a part in it."""
        spec, weigh = self._spec, self._weigh
        whole = self._whole and not spec.shifts and spec.link in ("identity", "sigmoid")
        if not whole or not isinstance(weigh, NativeWeights):
            return None
        width, plain = len(spec.intercept), np.dtype(np.float64)
        if spec.flat and width > 1:
            return None
        return Native(
            "linear", weigh.address, spec.count, plain, width, plain, spec.output, spec.flat, weigh, names=spec.names
        )

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name; ValueError for what the model itself refuses: a value missing, infinite or never seen."""
        spec = self._spec
        if self._whole and not spec.by_name:
            scores = self._numbers(matrix_of(prepared, spec.names, spec.count))
        else:
            columns = self._columns(prepared)
            numbers = np.empty((len(next(iter(columns.values()))), len(self._at)), np.float64)
            for place, at in enumerate(self._at):
                numbers[:, place] = columns[at]
            scores = self._numbers(numbers)
            for table in self._tables:
                scores += _looked_up(columns[table.at], table)
            if self._tables and self._sigmoid:
                scores = sigmoid(scores)
        return {spec.output: self._answer(scores)}

    def _columns(self, prepared: Any) -> Mapping[int, Array]:
        spec = self._spec
        if spec.by_name and spec.names is not None and not isinstance(prepared, np.ndarray):
            return picked(prepared, spec.names, sorted({term.at for term in spec.terms}))
        return dict(enumerate(columns_of(prepared, spec.names, spec.count)))

    def _shifted(self, matrix: Array) -> Array:
        with np.errstate(all="ignore"):  # what is infinite or no number then is refused with the others
            single = matrix.astype(np.float32)
            for shift in self._spec.shifts:
                if shift.minus is not None:
                    single -= np.array(shift.minus, np.float32)
                if shift.by is not None:
                    single /= np.array(shift.by, np.float32)
        return single

    def _numbers(self, matrix: Array) -> Array:
        found: Array = self._weigh(self._shifted(matrix) if self._spec.shifts else matrix)
        return found

    def _answer(self, scores: Array) -> Array:
        match self._spec.link:
            case "softmax":
                scores = _softmax(scores)
            case "shares":
                scores = _shares(scores)
            case "label":
                return self._label(scores)
        return scores[:, 0] if self._spec.flat else scores

    def _label(self, scores: Array) -> Array:
        places = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.intp)
        if self._labels is None:
            raise ValueError("the model has no labels")
        found: Array = self._labels[places]
        return found


def _weights(spec: LinearSpec, numbers: list[Number], *, sigmoid: bool) -> Weights:
    fills = [np.nan if term.fill is None else term.fill for term in numbers]
    return Weights(
        np.array([term.weights for term in numbers], np.float64).reshape(len(numbers), len(spec.intercept)),
        np.array(spec.intercept, np.float64),
        np.array([term.limit for term in numbers], np.float64),
        np.array(fills, np.float64) if any(term.fill is not None for term in numbers) else None,
        sigmoid,
    )


def _table(term: Category) -> _Table:
    rows = [*term.weights]
    missing, unknown = len(rows), len(rows) + 1
    width = len(rows[0]) if rows else len(term.unknown or term.missing or ())
    rows += [term.missing or (np.nan,) * width, term.unknown or (np.nan,) * width]
    places = {value: place for place, value in enumerate(term.values)}
    return _Table(
        term.at, places, np.array(rows, np.float64),
        missing if term.missing is not None else -1, unknown if term.unknown is not None else -1,
    )  # fmt: skip


def _looked_up(column: Array, table: _Table) -> Array:
    """The weights of each row's value."""
    places = [
        table.missing if value is None or value != value else table.places.get(value, table.unknown)  # noqa: PLR0124 - NaN only
        for value in column.tolist()
    ]
    if -1 in places:
        raise ValueError("the input contains a category that the model does not know, or a missing one")
    found: Array = table.weights[places]
    return found


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Array = raised / raised.sum(axis=1, keepdims=True)
    return found


def _shares(chances: Array) -> Array:
    """Chances of one class against the rest, made to add up to one."""
    whole = chances.sum(axis=1, keepdims=True)
    empty = whole[:, 0] == 0
    if empty.any():
        chances[empty], whole[empty] = 1.0, chances.shape[1]
    found: Array = chances / whole
    return found

"""Runs a column stage: from whatever preparation gives to one matrix, with the bits scikit-learn would have made.

Columns stay apart, each in its own dtype, until a step needs them side by side; a DataFrame does the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias, assert_never

import numpy as np

from trimtab.bundle.engines.check_columns import column_faults, width_of
from trimtab.bundle.engines.inputs import columns_of, picked, stacked
from trimtab.bundle.engines.lookups import hot, ordinal, words
from trimtab.bundle.engines.numbers import FUNCTIONS, absent, binned, filled, floats, product, refuse, scaled
from trimtab.bundle.engines.reading import decoded
from trimtab.bundle.engines.steps import (
    Absent,
    Bins,
    Call,
    ColumnsSpec,
    Fill,
    Floats,
    Hot,
    Join,
    Ordinal,
    Part,
    Pick,
    Products,
    Scale,
    Step,
    Words,
)  # fmt: skip
from trimtab.core.dtypes import Array

__all__ = ["Columns"]

_Data: TypeAlias = Array | list[Array]
_Run: TypeAlias = Callable[[_Data], _Data]


class Columns:
    """The stage as a function of a dict of arrays, a matrix or a DataFrame."""

    def __init__(self, spec: ColumnsSpec) -> None:
        """Lay its numbers out as arrays; the stage is trusted to be sound, as `load` sees to it."""
        self.spec = spec
        with np.errstate(all="ignore"):  # numbers learned from FP64 rows may have no FP32
            self._run = _steps(spec.steps)
        self._needed = sorted(_needed(spec)) if spec.by_name else []

    @property
    def width(self) -> int:
        """The number of columns of the matrix."""
        return width_of(self.spec)

    @classmethod
    def load(cls, path: Path) -> Columns:
        """The stage in a file of JSON; P289 where that describes none that could run."""
        return cls(decoded(path, ColumnsSpec, column_faults))

    def __call__(self, prepared: Any) -> Array:
        """A matrix, rows x columns; ValueError for what scikit-learn itself refuses."""
        with np.errstate(all="ignore"):
            return _matrix(self._run(self._given(prepared)))

    def _given(self, prepared: Any) -> _Data:
        spec = self.spec
        if isinstance(prepared, np.ndarray):
            if prepared.ndim != 2 or prepared.shape[1] != spec.count:  # noqa: PLR2004  # rows and columns
                msg = f"the model was trained on {spec.count} columns, this is an array of shape {prepared.shape}"
                raise ValueError(msg)
            return prepared
        if not spec.by_name or spec.names is None:
            return columns_of(prepared, spec.names, spec.count)
        found = picked(prepared, spec.names, self._needed)
        return [found.get(at, _NONE) for at in range(spec.count)]


_NONE: Final[Array] = np.empty(0)


def _needed(spec: ColumnsSpec) -> set[int]:
    """The columns that any part of the first step looks at."""
    first = spec.steps[0] if spec.steps else None
    if not isinstance(first, Join) or any(part.at is None for part in first.parts):
        return set(range(spec.count))
    return {at for part in first.parts for at in part.at or ()}


def _steps(steps: tuple[Step, ...]) -> _Run:
    runs = [_step(step) for step in steps]

    def run(data: _Data) -> _Data:
        for one in runs:
            data = one(data)
        return data

    return runs[0] if len(runs) == 1 else run


def _step(step: Step) -> _Run:  # noqa: C901  # a closed set, a line each
    match step:
        case Join():
            return partial(_joined, [(part.at, _steps(part.steps), _alone(part)) for part in step.parts])
        case Ordinal():
            return _on_columns(ordinal(step))
        case Hot():
            return _on_columns(hot(step))
        case Words():
            return _on_columns(words(step))
        case Call():
            return partial(_called, FUNCTIONS[step.name], step.refuses)
        case Pick():
            return partial(_chosen, np.array(step.at, np.intp), step.refuses)
        case Scale():
            return _on_matrix(scaled(step))
        case Fill():
            return _on_matrix(filled(step))
        case Products():
            return _on_matrix(product(step))
        case Bins():
            return _on_matrix(binned(step))
        case Floats():
            return _on_matrix(floats(step))
        case Absent():
            return _on_matrix(absent)
    assert_never(step)


def _alone(part: Part) -> bool:
    """Whether the part's first step takes its columns one by one."""
    return bool(part.steps) and isinstance(part.steps[0], Ordinal | Hot | Words | Join)


def _joined(parts: list[tuple[tuple[int, ...] | None, _Run, bool]], data: _Data) -> Array:
    made = []
    for at, run, alone in parts:
        if isinstance(data, list):
            found: _Data = data if at is None else [data[place] for place in at]
        elif alone and at is not None:
            found = [data[:, place] for place in at]
        else:
            found = data if at is None else data[:, at]
        made.append(_matrix(run(found)))
    return made[0] if len(made) == 1 else np.concatenate(made, axis=1)


def _matrix(data: _Data) -> Array:
    if not isinstance(data, list):
        return data
    return stacked(data, _common(tuple(column.dtype for column in data)))


@lru_cache(256)
def _common(dtypes: tuple[np.dtype[Any], ...]) -> np.dtype[Any]:
    return np.result_type(*dtypes)


def _on_matrix(run: Callable[[Array], Array]) -> _Run:
    return lambda data: run(_matrix(data))


def _on_columns(run: Callable[[list[Array]], _Data]) -> _Run:
    return lambda data: run(data if isinstance(data, list) else list(data.T))


def _called(function: Any, refuses: Any, data: _Data) -> _Data:
    """A DataFrame's columns of different dtypes are computed in different precisions."""
    try:
        if isinstance(data, list) and len({column.dtype for column in data}) > 1:
            return [function(refuse(column, refuses)) for column in data]
        found: Array = function(refuse(_matrix(data), refuses))
    except TypeError as error:  # numpy's word for a function that the values have not, such as the root of a text
        raise ValueError(f"the input contains no numbers where the model computes: {error}") from error
    return found


def _chosen(at: Array, refuses: Any, data: _Data) -> Array:
    return refuse(_matrix(data), refuses)[:, at]

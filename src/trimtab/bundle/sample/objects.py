"""Samples that are objects, and the draft that every sample becomes before its columns are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from trimtab.bundle.sample.infer import Found, from_array
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Container

__all__ = ["Draft", "draft_of_arrays", "draft_of_frame", "draft_of_matrix"]

_PLACE = "the sample"


@dataclass(frozen=True, slots=True)
class Draft:
    """A sample whose columns are not looked at yet: each name with what tells its field and values.

    place: how messages call the sample. The names may still be anything.
    """

    container: Container
    place: str
    rows: int
    columns: Sequence[tuple[Any, Callable[[], Found]]]

    @property
    def names(self) -> list[object]:
        """The columns' names, in order."""
        return [name for name, _ in self.columns]


def draft_of_frame(frame: Any, place: str) -> Draft:
    """A DataFrame; its index is no column."""
    from trimtab.bundle.sample.series import from_series

    columns = [
        (name, partial(from_series, name, frame.iloc[:, position])) for position, name in enumerate(frame.columns)
    ]
    return Draft("frame", place, len(frame), columns)


def draft_of_matrix(array: Array, place: str = _PLACE) -> Draft:
    """One array: the only input is called `input`."""
    return Draft("matrix", place, len(array) if array.ndim else 0, [("input", partial(from_array, "input", array))])


def draft_of_arrays(arrays: Mapping[Any, Any], place: str = _PLACE) -> Draft:
    """A dict of arrays (or of lists), all of one height."""
    values = {name: np.asarray(array) if _is_rectangle(array) else _objects(array) for name, array in arrays.items()}
    heights = {name: len(array) for name, array in values.items() if array.ndim}
    if len(set(heights.values())) > 1:
        shown = ", ".join(f"`{name}` has {height}" for name, height in heights.items())
        raise UserError(Problem("P262", f"the arrays differ in their number of rows: {shown}", place))
    columns = [(name, partial(from_array, name, array)) for name, array in values.items()]
    return Draft("arrays", place, next(iter(heights.values()), 0), columns)


def _is_rectangle(array: Any) -> bool:
    """Whether numpy takes it as it is: lists of several lengths, and of several types, stay Python objects."""
    if not isinstance(array, (list, tuple)):
        return True
    types = {type(value) for value in array}
    return len(types) == 1 and not types & {list, tuple, dict} and None not in array


def _objects(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), object)
    array[:] = values
    return array

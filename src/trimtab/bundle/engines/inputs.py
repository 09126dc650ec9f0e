"""What an engine is given, as the columns it was made for; anything that the model would have refused is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Block", "columns_of", "matrix_of", "picked", "stacked"]


class Block(dict[str, Array]):
    """Columns that are the rows of one array, and that array."""

    def __init__(self, names: Iterable[str], block: Array) -> None:
        """Block: fields x rows."""
        super().__init__(zip(names, block, strict=True))
        self.block = block


def matrix_of(prepared: Any, names: Sequence[str] | None, count: int, dtype: Any = np.float64) -> Array:
    """Rows x columns of that dtype from a dict of arrays or a DataFrame; a matrix of floats stays as it is.

    names: what the model's columns are called, if it was trained with names; then they must come in that order.
    Raises ValueError for other names, another number of columns, and values that are no numbers.
    """
    if isinstance(prepared, np.ndarray):
        return _checked(prepared, count, None if prepared.dtype.kind == "f" else dtype)
    if isinstance(prepared, Block) and prepared.block.dtype == dtype:
        _same_names(list(prepared), names, count)
        return np.ascontiguousarray(prepared.block.T)  # as `stacked` lays it out: sums are in the same order
    if isinstance(prepared, dict):
        columns = columns_of(prepared, names, count)
        return stacked(columns, dtype)
    if hasattr(prepared, "columns"):
        _same_names([str(name) for name in prepared.columns], names, count)
        frame: Array = prepared.to_numpy(dtype, na_value=np.nan)
        return frame
    return _checked(np.asarray(prepared), count, dtype)


def stacked(columns: Sequence[Array], dtype: Any) -> Array:
    """The columns side by side, first in the dtype that holds all of them, then in that dtype, as numpy would."""
    common = np.result_type(*{column.dtype for column in columns})
    if len(columns[0]) == 1 and common.kind != "O":  # several times faster for the one row of a request
        return np.array([[column.item() for column in columns]], dtype)
    out = np.empty((len(columns[0]), len(columns)), dtype if common.kind == "O" else common)
    for at, column in enumerate(columns):
        out[:, at] = column
    return out.astype(dtype, copy=False)


def picked(prepared: Any, names: Sequence[str], at: Sequence[int]) -> dict[int, Array]:
    """The columns at those places of `names`, wherever they stand; columns beside them do not matter."""
    try:
        found = {place: prepared[names[place]] for place in at}
    except (KeyError, IndexError, TypeError):
        msg = f"the model needs the columns {', '.join(names[place] for place in at)}"
        raise ValueError(msg) from None
    return {place: column.to_numpy() if hasattr(column, "to_numpy") else column for place, column in found.items()}


def columns_of(prepared: Any, names: Sequence[str] | None, count: int) -> list[Array]:
    """One array a column, whatever its dtype; refusals as in `matrix_of`."""
    if isinstance(prepared, dict):
        _same_names(list(prepared), names, count)
        columns = list(prepared.values())
        if any(np.ndim(column) != 1 for column in columns):
            if count > len(columns) == 1 or np.ndim(columns[0]) > 1:
                return list(np.column_stack(columns).T)
            raise ValueError("a column of one value a row is wanted")
        return columns
    if hasattr(prepared, "columns"):
        _same_names([str(name) for name in prepared.columns], names, count)
        return [prepared.iloc[:, at].to_numpy() for at in range(count)]
    return list(_checked(np.asarray(prepared), count, None).T)


def _checked(array: Array, count: int, dtype: Any) -> Array:
    if array.ndim != 2 or array.shape[1] != count:  # noqa: PLR2004  # rows and columns
        msg = f"the model was trained on {count} columns, this is an array of shape {array.shape}"
        raise ValueError(msg)
    return array if dtype is None else array.astype(dtype, copy=False)


def _same_names(got: Sequence[Any], names: Sequence[str] | None, count: int) -> None:
    if names is not None and list(got) != list(names):
        msg = f"the model was trained on the columns {', '.join(names)}, in this order"
        raise ValueError(msg)
    if names is None and len(got) != count:
        msg = f"the model was trained on {count} columns, these are {len(got)}"
        raise ValueError(msg)

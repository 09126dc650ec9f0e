"""Arrays for engines and files: one matrix from any container, records without what lies between their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["matrix", "numeric", "without_padding"]


def numeric(frame: Any) -> bool:
    """Whether every column of the DataFrame is numbers, so that a matrix says the same."""
    return all(dtype.kind in "iufb" for dtype in frame.dtypes)


def matrix(prepared: Any, dtype: Any, names: Sequence[str] | None = None) -> Array:
    """The container as one matrix of that dtype; null is NaN, arrays of a dict stand in the order of `names`."""
    if isinstance(prepared, dict):
        arrays = [prepared[name] for name in names] if names and set(names) <= set(prepared) else [*prepared.values()]
        whole = arrays[0] if len(arrays) == 1 and np.ndim(arrays[0]) > 1 else np.column_stack(arrays)
        return np.asarray(whole, dtype)
    if hasattr(prepared, "columns"):
        converted: Array = prepared.to_numpy(dtype, na_value=np.nan)
        return converted
    return np.asarray(prepared, dtype)


def without_padding(array: Array) -> Array:
    """The same array; of records (the nodes of scikit-learn's trees) with zeros in the bytes that hold no field.

    Copies leave there whatever memory held before, so that two files of one model would differ.
    """
    if array.dtype.names is None:
        return array
    clean: Array = np.zeros(array.shape, array.dtype, order="F" if np.isfortran(array) else "C")
    for name in array.dtype.names:
        clean[name] = array[name]
    return clean

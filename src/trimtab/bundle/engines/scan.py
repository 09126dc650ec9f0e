"""Lists of numbers from text to arrays: in the native kernel, which declines what a caller hardly ever writes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array

__all__ = ["scanned"]

_SINGLE: Final = {np.dtype(np.float32): 1, np.dtype(np.float64): 0}


def scanned(text: bytes, begin: int, end: int, shape: tuple[int, int], dtype: np.dtype[Any]) -> Array | None:
    """The numbers between two places of a JSON text, commas between them, each rounded to the nearest of its dtype.

    FP32 is rounded from FP64. None for anything else than as many numbers as the shape has, for a number too large, for
    one that is hardly ever written, for other dtypes, and where the kernels were not built.
    """
    loaded, single = library(), _SINGLE.get(dtype)
    if loaded is None or single is None or min(shape) < 0:
        return None
    found: Array = np.empty(shape, dtype)
    read = loaded.trimtab_scan(text, begin, end, found.size, single, found.ctypes.data)
    return found if read else None

"""The datatypes of the Open Inference Protocol and their numpy counterparts.

Source: Open Inference Protocol v2, "Tensor Data Types".
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DTYPES", "INTEGERS", "Array", "dtype_of", "is_float", "is_integer"]

Array: TypeAlias = NDArray[Any]

DTYPES: Final[dict[str, np.dtype[Any]]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "UINT16": np.dtype(np.uint16),
    "UINT32": np.dtype(np.uint32),
    "UINT64": np.dtype(np.uint64),
    "INT8": np.dtype(np.int8),
    "INT16": np.dtype(np.int16),
    "INT32": np.dtype(np.int32),
    "INT64": np.dtype(np.int64),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
    "BYTES": np.dtype(object),
}
INTEGERS: Final = frozenset(name for name, dtype in DTYPES.items() if dtype.kind in "iu")

_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}


def is_float(dtype: str) -> bool:
    """Whether the Open Inference Protocol datatype is a floating one."""
    return dtype.startswith("FP")


def is_integer(dtype: str) -> bool:
    """Whether the Open Inference Protocol datatype is a signed or unsigned integer."""
    return dtype in INTEGERS


def dtype_of(array: Array) -> str:
    """The protocol's name for an array's dtype; text and bytes of any width are BYTES.

    Raises TypeError for a dtype that the protocol has no name for (complex, datetime64, structured).
    """
    if array.dtype.kind in "USO":
        return "BYTES"
    name = _NAMES.get(array.dtype) or _NAMES.get(array.dtype.newbyteorder("="))
    if name is None:
        raise TypeError(f"no Open Inference Protocol datatype for numpy `{array.dtype}`")
    return name

"""The native kernels: the shared object built from `kernels.c`, called through ctypes, which gives up the GIL."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["library", "opened"]

_VERSION: Final = 3


@cache
def library() -> Any:
    """The shared object that was built with the package, or None."""
    return opened(Path(__file__).with_name("_kernels.native.so"))


def opened(path: Path) -> Any:
    """The shared object, or None where it was not built, cannot be loaded, or is of another version."""
    if sys.byteorder != "little" or not path.is_file():
        return None
    try:
        loaded = ctypes.CDLL(str(path))
        version = loaded.trimtab_kernels_version()
    except (OSError, AttributeError):  # built for another machine: numpy does the same, slower
        return None
    if version != _VERSION:
        return None
    pointer, number, small = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
    loaded.trimtab_forest_run.restype = loaded.trimtab_linear_run.restype = small
    loaded.trimtab_forest_run.argtypes = (pointer, pointer, number, number, number, pointer, pointer, small)
    loaded.trimtab_linear_run.argtypes = (pointer, pointer, number, pointer)
    return loaded

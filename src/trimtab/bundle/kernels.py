"""The native kernels: the shared object built from `kernels.c`, called through ctypes, which gives up the GIL.

But for `trimtab_express_run` and `trimtab_scan`, which read what a request says, and are over in microseconds.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["library", "opened"]

_VERSION: Final = 5


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
    loaded.trimtab_forest_lay_out.restype = small
    loaded.trimtab_forest_lay_out.argtypes = (pointer, pointer, pointer, pointer)
    keeping, text = ctypes.PyDLL(str(path)), ctypes.c_char_p  # the GIL
    keeping.trimtab_express_run.restype = keeping.trimtab_scan.restype = small
    keeping.trimtab_express_run.argtypes = (pointer, text, number, number)
    keeping.trimtab_scan.argtypes = (text, number, number, number, small, pointer)
    loaded.__dict__.update(trimtab_express_run=keeping.trimtab_express_run, trimtab_scan=keeping.trimtab_scan)
    return loaded

"""The native walk: the shared object built from `forest.c`, if it was built, called through ctypes."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.layout import NARROW, ZERO, Facts, Tables
from trimtab.core.dtypes import Array

__all__ = ["library", "linker", "walker"]

_VERSION: Final = 1
_BLOCK: Final = 64
_POINTERS: Final = (
    *("nodes", "start", "leaf", "group", "values", "base", "features", "kinds", "set_start", "set_words"),
)


class _Forest(ctypes.Structure):
    """`trimtab_forest` of `forest.c`."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in _POINTERS),
        *((name, ctypes.c_int64) for name in ("trees", "groups", "slots")),
        *((name, ctypes.c_int32) for name in ("layout", "doubles", "categorical", "rule")),
        *((name, ctypes.c_double) for name in ("missing", "zero")),
    )


@cache
def library() -> Any:
    """The shared object, or None where it was not built, cannot be loaded, or is of another version."""
    path = Path(__file__).with_name("_forest.so")
    if sys.byteorder != "little" or not path.is_file():
        return None
    try:
        loaded = ctypes.CDLL(str(path))
        version = loaded.trimtab_forest_version()
    except (OSError, AttributeError):  # built for another machine: numpy does the same, slower
        return None
    if version != _VERSION:
        return None
    loaded.trimtab_forest_raw.restype = None
    loaded.trimtab_forest_raw.argtypes = (
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64),
        *(ctypes.c_void_p, ctypes.c_void_p),
    )
    loaded.trimtab_forest_link.restype = None
    loaded.trimtab_forest_link.argtypes = (
        *(ctypes.c_int32, ctypes.c_double, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64),
    )
    return loaded


def walker(tables: Tables, facts: Facts) -> Callable[[Array], Array] | None:
    """Rows in the forest's own dtype to raw scores [rows, groups], or None without the shared object."""
    loaded = library()
    if loaded is None:
        return None
    struct = _Forest(
        **{name: getattr(tables, name).ctypes.data for name in _POINTERS},
        trees=len(tables.group),
        groups=facts.groups,
        slots=len(tables.kinds),
        layout=0 if tables.nodes.dtype == NARROW else 1 if facts.rows == "float32" else 2,
        doubles=tables.base.dtype == np.float64,
        categorical=tables.categorical,
        rule=facts.rule,
        missing=facts.missing,
        zero=ZERO,
    )
    address, raw = ctypes.addressof(struct), loaded.trimtab_forest_raw
    scratch, dtype, groups = len(tables.kinds) * _BLOCK, tables.base.dtype, facts.groups

    def walk(rows: Array, _alive: object = (struct, tables)) -> Array:
        scores = np.empty((len(rows), groups), dtype)
        down, across = (step // rows.itemsize for step in rows.strides)
        block = np.empty(scratch, rows.dtype)
        raw(address, rows.ctypes.data, len(rows), down, across, block.ctypes.data, scores.ctypes.data)
        return scores

    return walk


def linker(kind: int, scale: float) -> Callable[[Array], None] | None:
    """One of the links that need the C library's own functions, applied in place to contiguous scores."""
    loaded = library()
    if loaded is None:
        return None
    link = loaded.trimtab_forest_link

    def apply(scores: Array) -> None:
        link(kind, scale, scores.ctypes.data, *scores.shape)

    return apply

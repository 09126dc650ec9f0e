"""The native walk: `forest.c`, called through ctypes."""

from __future__ import annotations

import ctypes
import threading
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.layout import NARROW, NATIVE_LINKS, REFUSES, ZERO, Facts, Tables
from trimtab.core.dtypes import Array

__all__ = ["NativeWalk"]

_BLOCK: Final = 64
_SMALL: Final = 32
_SMALL_VALUES: Final = 1 << 17
_POINTERS: Final = (
    *("nodes", "start", "leaf", "group", "values", "base", "features", "kinds", "set_start", "set_words"),
)


class _Forest(ctypes.Structure):
    """`trimtab_forest` of `forest.c`."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in _POINTERS),
        *((name, ctypes.c_int64) for name in ("trees", "groups", "slots", "columns", "divisor")),
        *((name, ctypes.c_int32) for name in ("layout", "doubles", "categorical", "rule", "refuses", "link")),
        *((name, ctypes.c_double) for name in ("missing", "zero", "scale")),
    )


class _Buffers(threading.local):
    """What a small call works in, a set for each thread: asking numpy for an address costs more than copying a row."""

    def __init__(self, facts: Facts, tables: Tables) -> None:
        self.rows: Array = np.empty((_SMALL, facts.columns), facts.rows)
        self.block: Array = np.empty(len(tables.kinds) * _BLOCK, facts.rows)
        self.scores: Array = np.empty((_SMALL, facts.groups), tables.base.dtype)
        self.at = (self.rows.ctypes.data, self.block.ctypes.data, self.scores.ctypes.data)


class NativeWalk:
    """Rows in the forest's own dtype to raw scores, or to answers where the link is one of the kernel's."""

    def __init__(self, tables: Tables, facts: Facts, loaded: Any) -> None:
        """The tables must be contiguous and checked."""
        self._tables, self._facts = tables, facts
        self._struct = _Forest(
            **{name: getattr(tables, name).ctypes.data for name in _POINTERS},
            trees=len(tables.group),
            groups=facts.groups,
            slots=len(tables.kinds),
            columns=facts.columns,
            divisor=facts.divisor,
            layout=0 if tables.nodes.dtype == NARROW else 1 if facts.rows == "float32" else 2,
            doubles=tables.base.dtype == np.float64,
            categorical=tables.categorical,
            rule=facts.rule,
            refuses=REFUSES.index(facts.refuses),
            link=NATIVE_LINKS.get(facts.link, 0),
            missing=facts.missing,
            zero=ZERO,
            scale=facts.scale,
        )
        self.address, self._run = ctypes.addressof(self._struct), loaded.trimtab_forest_run
        self._columns = facts.columns
        self._small = _Buffers(facts, tables) if facts.columns * _SMALL <= _SMALL_VALUES else None

    @property
    def scratch(self) -> int:
        """Bytes that a call works in, beside rows and scores."""
        return len(self._tables.kinds) * _BLOCK * np.dtype(self._facts.rows).itemsize

    def __call__(self, rows: Array, *, answers: bool) -> tuple[Array, int]:
        """Scores [rows, groups], and the number in `REFUSES` of what was refused."""
        count, small = len(rows), self._small
        if small is not None and count <= _SMALL:
            small.rows[:count] = rows
            given, block, found = small.at
            refused = self._run(self.address, given, count, self._columns, 1, block, found, answers)
            return small.scores[:count].copy(), refused
        if not rows.flags.aligned or not rows.flags.forc:
            rows = np.array(rows, order="C")
        down, across = (step // rows.itemsize for step in rows.strides)
        scratch = np.empty(len(self._tables.kinds) * _BLOCK, rows.dtype)
        scores = np.empty((count, self._facts.groups), self._tables.base.dtype)
        places = scratch.ctypes.data, scores.ctypes.data
        return scores, self._run(self.address, rows.ctypes.data, count, down, across, *places, answers)

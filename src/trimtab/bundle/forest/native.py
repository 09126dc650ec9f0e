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
_ABREAST: Final = 16
_ENTRY: Final = 24  # bytes of a node there, at most
_MASKS: Final = 1 << 20  # bytes of all masks, which should stay in the processor's own cache
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
        *((name, ctypes.c_void_p) for name in ("entries", "slot_start", "in_order")),
    )


class _Buffers(threading.local):
    """What a small call works in, a set for each thread: asking numpy for an address costs more than copying a row."""

    def __init__(self, facts: Facts, tables: Tables, scratch: int) -> None:
        self.rows: Array = np.empty((_SMALL, facts.columns), facts.rows)
        self.block: Array = np.empty(scratch, np.uint8)
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
        self._abreast = self._laid_out(loaded)
        self._columns = facts.columns
        self._small = _Buffers(facts, tables, self.scratch) if facts.columns * _SMALL <= _SMALL_VALUES else None

    @property
    def scratch(self) -> int:
        """Bytes that a call works in, beside rows and scores."""
        blocks = len(self._tables.kinds) * _BLOCK * np.dtype(self._facts.rows).itemsize
        return blocks + (len(self._tables.group) * _ABREAST * self._bits // 8 if self._abreast else 0)

    @property
    def _bits(self) -> int:
        """Of a mask: the most leaves of a tree."""
        return 32 if self._tables.nodes.dtype == NARROW else 64

    def _laid_out(self, loaded: Any) -> tuple[Array, ...]:
        """What `bits.h` goes by; empty for a forest whose rows are only walked."""
        trees, nodes, slots = len(self._tables.group), len(self._tables.nodes), len(self._tables.kinds)
        if not trees or trees * _ABREAST * self._bits // 8 > _MASKS:
            return ()
        entries, slot_start = np.empty(nodes * _ENTRY, np.uint8), np.empty(slots + 1, np.int64)
        in_order = np.zeros(trees * self._bits, np.int32)
        places = [array.ctypes.data for array in (entries, slot_start, in_order)]
        if loaded.trimtab_forest_lay_out(self.address, *places):
            return ()
        self._struct.entries, self._struct.slot_start, self._struct.in_order = places
        return entries, slot_start, in_order

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
        scratch = np.empty(self.scratch, np.uint8)
        scores = np.empty((count, self._facts.groups), self._tables.base.dtype)
        places = scratch.ctypes.data, scores.ctypes.data
        return scores, self._run(self.address, rows.ctypes.data, count, down, across, *places, answers)

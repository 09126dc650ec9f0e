from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trimtab.bundle.forest import native
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.native import NativeWalk
from trimtab.bundle.kernels import library

needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernel, which was not built: there is no C compiler"
)


def test_the_structure_is_the_one_of_the_c_source(root: Path) -> None:
    """Names, order and sizes, read from the source: nothing else would notice."""
    source = (root / "src/trimtab/bundle/forest/forest.c").read_text()
    body = source.partition("declares the same */\n")[2].partition("} trimtab_forest;")[0]
    sizes = {"int64_t": 8, "int32_t": 4, "double": 8}
    declared = []
    for line in body.splitlines():
        kind, _, names = line.partition("/*")[0].strip().removeprefix("const ").rstrip(" ;").partition(" ")
        declared += [(name.strip(" *"), 8 if "*" in name else sizes[kind]) for name in names.split(",") if name]
    assert len(declared) > 20
    assert [(name, ctypes.sizeof(kind)) for name, kind in native._Forest._fields_] == declared
    assert f"BLOCK = {native._BLOCK}," in source


@needs_kernel
def test_wide_rows_need_no_buffer_of_their_own(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest(columns=native._SMALL_VALUES)
    walk = NativeWalk(forest.tables, forest.facts, library())
    rows = np.zeros((3, native._SMALL_VALUES))
    rows[1, 0] = 2
    assert walk(rows, answers=False)[0].tolist() == [[30.0], [40.0], [30.0]]
    assert walk._small is None


@needs_kernel
def test_threads_do_not_disturb_each_other(a_forest: Callable[..., Forest]) -> None:
    forest, wrong = a_forest("sets"), []
    rows = np.round(np.random.default_rng(2).normal(size=(40, 2)) * 2)
    wanted = forest(rows)

    def ask(first: int) -> None:
        for turn in range(300):
            at = (first + turn) % 40
            if not np.array_equal(forest(rows[at : at + 1]), wanted[at : at + 1]):
                wrong.append(at)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=ask, args=(first,)) for first in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []

"""Many rows at a time, by masks of leaves: the same bits as row by row in numpy, for trees of every size."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from trimtab.bundle.forest import native
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import MISSING_LEFT, ZERO_IS_MISSING, Facts
from trimtab.bundle.forest.trees import Tree, tables
from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array

needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernel, which was not built: there is no C compiler"
)
COLUMNS = 4


def grown(chance: np.random.Generator, leaves: int, groups: int, group: int) -> Tree:
    """A tree of so many leaves, split wherever chance has it; thresholds and values are few, so that many are met."""
    left, right, splits = [-1], [-1], 0
    while splits < leaves - 1:
        at = int(chance.choice([node for node, child in enumerate(left) if child < 0]))
        left[at], right[at] = len(left), len(left) + 1
        left += [-1, -1]
        right += [-1, -1]
        splits += 1
    nodes = len(left)
    return Tree(
        chance.integers(0, COLUMNS, nodes),
        chance.integers(-3, 4, nodes) / 2,
        np.array(left),
        np.array(right),
        chance.choice([0, MISSING_LEFT, ZERO_IS_MISSING, MISSING_LEFT | ZERO_IS_MISSING], nodes),
        np.arange(nodes),
        chance.normal(size=(nodes, groups)),
        group,
    )


def both(sizes: list[int], rows: str, *, groups: int = 1, to_all: bool = False) -> tuple[Forest, Forest]:
    """The forest with the kernel, and in numpy."""
    chance = np.random.default_rng([len(sizes), *sizes, groups])
    facts = Facts("none", COLUMNS, groups, rows, casts=False, flat=groups == 1)
    trees = [
        grown(chance, size, groups if to_all else 1, -1 if to_all else at % groups) for at, size in enumerate(sizes)
    ]
    laid = tables(trees, facts, chance.normal(size=groups).astype(rows if rows == "float32" else "float64"))
    return Forest(laid, facts), Forest(laid, facts, native=False)


def asked(count: int, rows: str) -> Array:
    chance = np.random.default_rng(count)
    found = chance.integers(-4, 5, (count, COLUMNS)) / 2
    found[chance.random(found.shape) < 0.1] = np.nan
    found[chance.random(found.shape) < 0.05] = np.inf
    found[chance.random(found.shape) < 0.05] = -np.inf
    found[chance.random(found.shape) < 0.05] = -0.0
    return found.astype(rows)


@needs_kernel
@pytest.mark.parametrize("rows", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [[1], [2, 1, 3], [32] * 5, [31, 32, 7], [33, 2], [64, 63, 1], [65, 3], [9] * 40])
def test_any_number_of_rows_has_the_bits_of_numpy(sizes: list[int], rows: str) -> None:
    fast, slow = both(sizes, rows)
    assert bool(fast.walk._abreast) == (max(sizes) <= (32 if rows == "float32" else 64))
    for count in (*range(1, 40), 200):
        given = asked(count, rows)
        assert fast(given).tobytes() == slow(given).tobytes()
        turned = np.asfortranarray(given)
        assert fast(turned).tobytes() == slow(given).tobytes()


@needs_kernel
@pytest.mark.parametrize("rows", ["float32", "float64"])
@pytest.mark.parametrize("to_all", [False, True])
def test_so_have_several_scores(rows: str, to_all: bool) -> None:  # noqa: FBT001 - a parameter
    fast, slow = both([8] * 9, rows, groups=3, to_all=to_all)
    given = asked(50, rows)
    assert fast(given).tobytes() == slow(given).tobytes()


@needs_kernel
def test_a_forest_whose_masks_would_not_stay_in_the_cache_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_MASKS", 16 * 4 * 3 - 1)
    fast, slow = both([4, 4, 4], "float32")
    assert not fast.walk._abreast
    given = asked(30, "float32")
    assert fast(given).tobytes() == slow(given).tobytes()


def test_sizes_are_those_of_the_c_source(root: Path) -> None:
    source = (root / "src/trimtab/bundle/forest/forest.c").read_text()
    assert re.search(r"ABREAST = (\d+)", source)[1] == str(native._ABREAST)

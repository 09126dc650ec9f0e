from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.forest.check import first_fault
from trimtab.bundle.forest.forest import Forest

# what is broken in an array: name, the entry, its new value, the complaint
BROKEN: list[tuple[str, Any, Any, str]] = [
    ("start", 0, 1, "starts"),
    ("start", -1, 99, "starts"),
    ("start", 1, -(2**62), "starts"),
    ("start", 1, 0, "starts"),
    ("set_start", 1, 9, "starts"),
    ("group", 0, 1, "score that is not there"),
    ("group", 0, -2, "score that is not there"),
    ("group", 0, -1, "score that is not there"),
    ("features", 0, 2, "column that is not there"),
    ("features", 0, -1, "column that is not there"),
    ("kinds", 0, 4, "no known kind"),
    ("kinds", -1, 0, "no known kind"),
    ("leaf", 1, 99, "value that is not there"),
    ("leaf", 1, -1, "value that is not there"),
]


@pytest.mark.parametrize("kind", ["plain", "sets"])
@pytest.mark.parametrize("rows", ["float32", "float64"])
def test_what_packing_makes_is_sound(a_forest: Callable[..., Forest], kind: str, rows: str) -> None:
    forest = a_forest(kind, rows)
    assert first_fault(forest.tables, forest.facts) == ""


@pytest.mark.parametrize(("name", "at", "value", "complaint"), BROKEN)
def test_a_broken_entry_is_seen(
    a_forest: Callable[..., Forest], name: str, at: int, value: int, complaint: str
) -> None:
    forest = a_forest("sets")
    changed = getattr(forest.tables, name).copy()
    changed[at] = value
    assert complaint in first_fault(replace(forest.tables, **{name: changed}), forest.facts)


@pytest.mark.parametrize(
    ("node", "field", "value", "complaint"),
    [
        (0, "left", 0, "another size"),  # a split that becomes a leaf
        (0, "left", 2, "child"),
        (1, "left", 0, "child"),  # upwards
        (1, "left", 2, "child"),
        (2, "left", 3, "another size"),  # into another tree
        (0, "slot", 4, "slot that is not there"),
        (0, "slot", 0x20000000, "slot that is not there"),  # flags of a categorical node
        (1, "slot", 0, "does not stay"),
        (1, "threshold", 1.0, "does not stay"),
        (1, "threshold", np.nan, "does not stay"),
        (7, "threshold", 1.0, "set that is not there"),
        (7, "threshold", 0.5, "set that is not there"),
        (7, "threshold", -1.0, "set that is not there"),
        (7, "threshold", np.nan, "set that is not there"),
    ],
)
def test_a_broken_node_is_seen(
    a_forest: Callable[..., Forest], node: int, field: str, value: float, complaint: str
) -> None:
    forest = a_forest("sets")
    nodes = forest.tables.nodes.copy()
    nodes[field][node] = value
    assert complaint in first_fault(replace(forest.tables, nodes=nodes), forest.facts)


def test_flags_need_the_walk_that_knows_sets(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest("plain")
    nodes = forest.tables.nodes.copy()
    nodes["slot"][0] |= 0x80000000
    assert "slot that is not there" in first_fault(replace(forest.tables, nodes=nodes), forest.facts)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"columns": 0}, "size"),
        ({"groups": 0}, "size"),
        ({"divisor": 0}, "size"),
        ({"divisor": 2**64}, "size"),
        ({"rows": "float16"}, "`rows`"),
        ({"refuses": "all"}, "`refuses`"),
        ({"rule": 3}, "`rule`"),
        ({"link": "none"}, "`link`"),
        ({"link": "exp_single"}, "another dtype"),
        ({"groups": 2}, "`flat`"),
        ({"groups": 2, "flat": False}, "each score"),
    ],
)
def test_a_fact_that_cannot_be_is_seen(a_forest: Callable[..., Forest], change: dict[str, Any], complaint: str) -> None:
    forest = a_forest()
    assert complaint in first_fault(forest.tables, replace(forest.facts, **change))


def test_arrays_that_do_not_fit_together_are_seen(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest()
    tables = forest.tables
    shorter = {name: getattr(tables, name)[:-1] for name in ("leaf", "group", "kinds", "nodes")}
    for name, part in shorter.items():
        assert first_fault(replace(tables, **{name: part}), forest.facts) != "", name
    assert "dtype" in first_fault(replace(tables, base=tables.base.astype(np.float32)), forest.facts)
    assert "dimensions" in first_fault(replace(tables, kinds=tables.kinds[None]), forest.facts)
    assert "no slots" in first_fault(
        replace(tables, kinds=tables.kinds[:0], features=tables.features[:0]), forest.facts
    )


def test_narrow_nodes_are_for_float32_rows(a_forest: Callable[..., Forest]) -> None:
    forest = a_forest("plain", "float32")
    assert "narrow" in first_fault(forest.tables, replace(forest.facts, rows="float64"))

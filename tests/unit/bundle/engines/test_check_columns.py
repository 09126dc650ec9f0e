"""A column stage is followed from step to step before it runs: each fault has its place."""

from __future__ import annotations

from typing import Any

import pytest

from trimtab.bundle.engines.check_columns import column_faults, width_of
from trimtab.bundle.engines.reading import MOST_COLUMNS
from trimtab.bundle.engines.steps import (
    Absent,
    Bins,
    Call,
    Codes,
    ColumnsSpec,
    Fill,
    Floats,
    Hot,
    Join,
    Move,
    Ordinal,
    Part,
    Pick,
    Products,
    Scale,
    Step,
    Words,
)

CODES = Codes(("u", "v"), (0.0, 1.0))
BY_TWO = Scale((Move("by", (2.0, 2.0)),))


def stage(*steps: Step, count: int = 2, **more: Any) -> ColumnsSpec:
    return ColumnsSpec(count, steps, **more)


@pytest.mark.parametrize(
    ("steps", "width"),
    [
        ((), 2),
        ((BY_TWO, Floats(), Absent(), Call("log1p")), 2),
        ((Fill((1.0, 2.0), flags=(1,)),), 3),
        ((Fill((1.0,), keep=(1,)),), 1),
        ((Pick((1, 1, 0)),), 3),
        ((Products(((0, 2, 0), (1, 2, 1)), False, (0, 1, 2, 3, 4)),), 5),
        ((Products(((1, 3, 0),), True, (0, 4)), BY_TWO), 2),
        ((Bins(((1.0, 1.0), ())),), 2),
        ((Words(("a", "b")), Ordinal((CODES, CODES)), BY_TWO), 2),
        ((Hot((CODES, Codes(("w",), (None,))), 2),), 2),
        ((Join((Part(None), Part((0,), (Hot((CODES,), 2),)))), Pick((3,))), 1),
        (
            (Join((Part((0,)), Part((1,), (Hot((Codes(("w",), (None,)),), 0),)))),),
            1,
        ),  # of a constant, none
    ],
)
def test_a_sound_stage_has_a_width(steps: tuple[Step, ...], width: int) -> None:
    assert column_faults(stage(*steps)) == []
    assert width_of(stage(*steps)) == width


def joined(depth: int) -> Step:
    inner: tuple[Step, ...] = (Absent(),)
    for _ in range(depth):
        inner = (Join((Part(None, inner),)),)
    return inner[0]


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ((Scale((Move("by", (2.0,)),)),), "steps[0].moves[0].values"),
        ((Scale((), (1.0, -1.0)),), "steps[0].clip"),
        ((Fill((1.0,)),), "steps[0].values"),
        ((Fill((1.0,), keep=(2,)),), "steps[0].keep"),
        ((Fill((1.0, 2.0), flags=(-1,)),), "steps[0].flags"),
        ((Words(("a",)), Ordinal((CODES, CODES))), "steps[0].values"),
        ((Words(("a", "b")), BY_TWO), "steps[1]"),
        ((Words(("a", "b")),), "steps"),
        ((Ordinal((CODES,)),), "steps[0].columns"),
        ((Ordinal((CODES, Codes(("u",), (0.0, 1.0)))),), "steps[0].columns[1].codes"),
        ((Ordinal((CODES, Codes((1, True), (0.0, 1.0)))),), "steps[0].columns[1].values"),
        ((Ordinal((CODES, Codes((), (), 1.0, refused=("missing",)))),), "steps[0].columns[1].missing"),
        ((Hot((CODES, Codes((), (), None, 1.0, ("unknown",))), 2),), "steps[0].columns[1].unknown"),
        ((Hot((CODES, CODES), 1),), "steps[0].columns[0].codes"),
        ((Hot((CODES, Codes(("w",), (0.5,))), 2),), "steps[0].columns[1].codes"),
        ((Hot((CODES, Codes((), (), -1.0)), 2),), "steps[0].columns[1].codes"),
        ((Hot((CODES, CODES), 9),), "steps[0].width"),
        ((Pick((0, 2)),), "steps[0].at"),
        ((Pick(()),), "steps"),
        ((Pick(()), Absent(), Pick(())), "steps[1]"),
        ((Call("__class__"),), "steps[0].name"),
        ((Products(((0, 3, 0),), False, (0,)),), "steps[0].groups[0]"),
        ((Products(((1, 1, 0),), False, (0,)),), "steps[0].groups[0]"),
        ((Products(((0, 1, 2),), True, (0,)),), "steps[0].groups[0]"),
        ((Products((), True, (3,)),), "steps[0].keep"),
        ((Products(tuple((0, 2**at, 0) for at in range(1, 25)), False, (0,)),), "steps[0].groups[19]"),
        ((Bins(((),)),), "steps[0].edges"),
        ((Bins(((2.0, 1.0), ())),), "steps[0].edges[0]"),
        ((Join(()), Absent()), "steps[0].parts"),
        ((Join((Part(()), Part((0,)))),), "steps[0].parts[0].at"),
        ((Join((Part((0,), (Pick((1,)),)),)),), "steps[0].parts[0].steps[0].at"),
        ((Join((Part((5,)),)),), "steps[0].parts[0].at"),
        ((joined(30),), "steps[0]" + ".parts[0].steps[0]" * 24),
        ((Join((Part(None),) * 2),) * 30, "steps[19]"),
    ],
)
def test_what_could_not_run_is_named(steps: tuple[Step, ...], place: str) -> None:
    faults = column_faults(stage(*steps))
    assert place == faults[0][0], faults


def test_all_faults_are_named() -> None:
    found = column_faults(stage(Fill((1.0,)), Call("eval"), Pick((9,)), count=0, by_name=True))
    assert [at for at, _ in found] == ["count", "by_name", "steps[1].name", "steps[2].at"]


def test_a_count_beyond_all_is_no_work() -> None:
    assert [at for at, _ in column_faults(stage(Absent(), count=10**18))] == ["count"]
    assert width_of(stage(Absent(), count=10**18)) == MOST_COLUMNS

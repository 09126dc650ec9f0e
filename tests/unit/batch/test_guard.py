"""A row that user code fails at does not hurt its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from trimtab.batch.guard import RowError, answer
from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import Problem, RefusedError
from trimtab.core.table import Column, Table


def table(height: int) -> Table:
    return Table({"a": Column(np.arange(height))}, height)


class Failing:
    """Answers twice the row, and raises when one of the bad rows is there."""

    def __init__(self, *bad: int) -> None:
        self.bad = bad
        self.calls = 0

    def __call__(self, rows: Table) -> Outputs:
        self.calls += 1
        values = rows.columns["a"].values
        if np.isin(values, self.bad).any():
            msg = "bad row"
            raise ValueError(msg)
        return {"y": values * 2}


def test_a_batch_that_succeeds_is_one_call() -> None:
    predictor = Failing()
    answers = answer(predictor, table(100), first_only=True)
    assert predictor.calls == 1
    assert [places.tolist() for places, _ in answers.parts] == [list(range(100))]


@pytest.mark.parametrize("bad", [(0,), (99,), (3, 4), (0, 50, 99), (10, 11, 12, 13)])
def test_innocent_rows_are_answered_as_if_alone(bad: tuple[int, ...]) -> None:
    answers = answer(Failing(*bad), table(100), first_only=False)
    assert [error.place for error in answers.failed] == list(bad)
    answered = {int(place): int(y) for places, out in answers.parts for place, y in zip(places, out["y"], strict=True)}
    assert answered == {row: row * 2 for row in range(100) if row not in bad}


def test_the_first_bad_row_is_found_in_few_calls() -> None:
    predictor = Failing(700, 900)
    with pytest.raises(RowError, match="ValueError: bad row") as caught:
        answer(predictor, table(1024), first_only=True)
    assert caught.value.place == 700
    assert predictor.calls <= 21


def test_code_that_fails_at_every_row_is_no_matter_of_rows() -> None:
    with pytest.raises(RowError):
        answer(Failing(*range(8)), table(8), first_only=False)


def test_what_trimtab_refuses_passes_through() -> None:
    def refuse(_: Table) -> Outputs:
        raise RefusedError(Problem("P242", "rows were lost"))

    with pytest.raises(RefusedError):
        answer(refuse, table(8), first_only=False)

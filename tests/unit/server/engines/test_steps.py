"""A predictor part by part; whatever user code does, there is an outcome."""

import numpy as np
import pytest

from trimtab.core.table import Table
from trimtab.server.engines import Done, Failed, Word
from trimtab.server.engines.steps import Steps

TABLE = Table({}, 1)


class Yields:
    """A predictor of these parts; an exception among them is raised, and `ending` when it is closed."""

    def __init__(self, *given, ending=None):
        self.given, self.ending, self.closed = given, ending, False

    def __call__(self, _table):
        raise AssertionError("parts are asked for")

    def parts(self, _table):
        try:
            for one in self.given:
                if isinstance(one, BaseException):
                    raise one
                yield {"y": np.array([one])}
        except GeneratorExit:
            if self.ending is not None:
                raise self.ending from None
            raise
        finally:
            self.closed = True


def test_parts_come_one_by_one_and_then_the_end():
    ticks = iter(range(100))
    steps = Steps(Yields(1, 2), TABLE, lambda: float(next(ticks)))
    outcomes = []
    while not steps.over:
        outcomes.append(steps.take(Word.GO_ON))
    assert [[*map(int, outcome.outputs.get("y", []))] for outcome in outcomes] == [[1], [2], []]
    assert [outcome.seconds for outcome in outcomes] == [1.0, 2.0, 3.0]  # of the model, not of who waits for it


def test_a_predictor_that_answers_at_once_has_one_part():
    steps = Steps(lambda _table: {"y": np.array([7])}, TABLE)
    assert steps.take(Word.GO_ON).outputs["y"].tolist() == [7]
    assert not steps.over
    assert (steps.take(Word.GO_ON).outputs, steps.over) == ({}, True)


def test_stop_closes_the_generator():
    predictor = Yields(1, 2)
    steps = Steps(predictor, TABLE)
    steps.take(Word.GO_ON)
    assert isinstance(steps.take(Word.STOP), Done)
    assert (steps.over, predictor.closed) == (True, True)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_whatever_is_raised_ends_it(error):
    steps = Steps(Yields(1, error), TABLE)
    steps.take(Word.GO_ON)
    outcome = steps.take(Word.GO_ON)
    assert isinstance(outcome, Failed)
    assert (steps.over, type(error).__name__ in outcome.what) == (True, True)


def test_what_is_raised_when_it_is_closed_is_told():
    steps = Steps(Yields(1, 2, ending=KeyError("late")), TABLE)
    steps.take(Word.GO_ON)
    assert "late" in steps.take(Word.STOP).what

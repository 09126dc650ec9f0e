"""What is found out about a model before it answers anybody."""

import numpy as np
import pytest

from trimtab.bundle.golden import Golden
from trimtab.core.table import Column, Table
from trimtab.server.loading import load_checked


def golden(height=3, outputs=None):
    x = np.arange(1.0, height + 1)
    return Golden(Table({"x": Column(x)}, height), {"y": x * 2} if outputs is None else outputs, 0.0, 0.0)


def double(table):
    return {"y": table.columns["x"].values * 2}


class Clock:
    """Moves only while the model runs: so many seconds a row."""

    def __init__(self, row_s):
        self.now, self.row_s, self.heights = 0.0, row_s, []

    def __call__(self):
        return self.now

    def predict(self, table):
        self.now += self.row_s * table.height
        self.heights.append(table.height)
        return double(table)


def test_a_healthy_model_is_measured_and_its_rows_may_be_joined():
    clock = Clock(0.0001)
    loaded = load_checked(lambda: clock.predict, golden(), clock)
    assert (loaded.unfit, loaded.alone, loaded.predictor) == ("", "", clock.predict)
    assert loaded.points == pytest.approx({1: 0.0001, 4: 0.0004, 16: 0.0016, 64: 0.0064, 256: 0.0256})


def test_a_slow_model_is_measured_on_one_size_only():
    clock = Clock(1.0)
    loaded = load_checked(lambda: clock.predict, golden(), clock)
    assert loaded.points == {1: 1.0}
    assert max(clock.heights) == 3


@pytest.mark.parametrize("rows", [None, golden(0)])
def test_without_golden_rows_nothing_is_asked_and_rows_are_not_joined(rows):
    clock = Clock(1.0)
    loaded = load_checked(lambda: clock.predict, rows, clock)
    assert (clock.heights, loaded.unfit, dict(loaded.points)) == ([], "", {})
    assert loaded.alone.startswith("there are no golden rows")


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"y": np.array([2.0, 4.5, 6.0])}, "golden row 1 gives another `y` than in training: largest difference 0.5"),
        ({"y": np.array([2.0, 4.0])}, "golden row -1 gives another `y` than in training: largest difference inf"),
        ({"z": np.array([2.0, 4.0, 6.0])}, "golden row -1 gives another `z`"),
    ],
)
def test_a_model_that_answers_otherwise_than_in_training_is_unfit(outputs, said):
    loaded = load_checked(lambda: double, golden(outputs=outputs))
    assert loaded.unfit.startswith(said)
    assert not loaded.points


def test_rows_that_depend_on_each_other_are_found():
    def centred(table):
        x = table.columns["x"].values
        return {"y": x - x.mean()}

    rows = golden(outputs={"y": np.array([-1.0, 0.0, 1.0])})
    loaded = load_checked(lambda: centred, rows)
    assert (loaded.unfit, loaded.alone) == ("", "golden row 0 gets another `y` alone than among others")
    assert loaded.points


def test_rounding_in_another_number_of_rows_is_no_dependence():
    def rounding(table):
        return {"y": table.columns["x"].values * 2 * (1 + 1e-9 * (table.height - 3))}

    assert load_checked(lambda: rounding, golden()).alone == ""


def test_what_user_code_raises_passes_through():
    for load in (lambda: 1 / 0, lambda: lambda _table: 1 / 0):
        with pytest.raises(ZeroDivisionError):
            load_checked(load, golden())


def test_a_model_that_yields_is_known_by_its_parts():
    class Yields:
        def __call__(self, table):
            return double(table)

        def parts(self, table):
            yield double(table)

    assert load_checked(Yields, golden()).yields
    assert not load_checked(lambda: double, golden()).yields

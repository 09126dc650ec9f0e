"""How long calls take, beside what was recorded."""

import numpy as np

from trimtab.ops.replay.timing import timing_of


def test_rows_calls_and_single_rows_are_told_apart():
    found = timing_of([(100, 0.01), (100, 0.03)], [(1, 0.002)] * 3, np.array([0.004, 0.004]))
    assert (found.calls, found.rows, found.row) == (2, 200, 0.0002)
    assert (found.batch[0], found.alone, found.recorded) == (0.02, (0.002, 0.002), (0.004, 0.004))
    assert found.plain()["one_row_s"] == {"p50": 0.002, "p99": 0.002}


def test_what_was_not_measured_is_none():
    assert timing_of([], [], np.array([1.0])) is None
    found = timing_of([(1, 0.5)], [], np.array([]))
    assert (found.alone, found.recorded, found.plain()["recorded_one_row_s"]) == (None, None, None)

"""The same answer: numbers nearly, labels exactly, scores by their order."""

from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.server.flights.agreement import agree, tolerance


def ragged(*rows):
    array = np.empty(len(rows), object)
    for at, row in enumerate(rows):
        array[at] = np.array(row)
    return array


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-9]), True),
        (np.array([1.0, 2.0]), np.array([1.0, 2.1]), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array([1, 0]), np.array([1, 0]), True),
        (np.array([1, 0]), np.array([1, 1]), False),
        (np.array(["a"], object), np.array(["a"], object), True),
        (np.array(["a"], object), np.array(["b"], object), False),
        (np.array([[0.2, 0.8]]), np.array([[0.4, 0.6]]), True),
        (np.array([[0.2, 0.8]]), np.array([[0.6, 0.4]]), False),
        (np.array([[0.5, 0.5, 0.1]]), np.array([[0.9, 0.9, 0.0]]), True),
        (np.array([[0.5, np.nan]]), np.array([[0.1, -5.0]]), True),
        (ragged([0.1, 0.9, 0.5]), ragged([1.0, 3.0, 2.0]), True),
        (ragged([0.1, 0.9]), ragged([1.0, 3.0, 2.0]), False),
        (ragged([0.1], [2.0, 1.0]), ragged([0.3], [1.0, 2.0]), False),
        (np.array([1.0]), np.array([1.0, 1.0]), False),
    ],
)
def test_outputs_are_the_same_or_not(ours, theirs, same):
    assert agree({"y": ours}, {"y": theirs, "more": np.zeros(3)}, tolerance(None)) is same


def test_an_output_that_is_missing_is_no_agreement():
    assert not agree({"y": np.zeros(1)}, {}, tolerance(None))


def test_the_tolerance_is_that_of_golden_rows_and_never_nothing():
    assert tolerance(SimpleNamespace(rtol=0.0, atol=0.0)) == tolerance(None)
    assert tolerance(SimpleNamespace(rtol=0.01, atol=0.1)) == (0.01, 0.1)

"""Steps of an axis."""

import pytest

from trimtab.ops.replay.scale import edges_of, step_of


@pytest.mark.parametrize(
    ("span", "most", "step"), [(1, 10, 0.1), (1, 7, 0.2), (1, 4, 0.5), (1, 1, 1), (950, 5, 200), (3e-9, 3, 1e-9)]
)
def test_a_step_is_one_two_or_five_times_a_power_of_ten(span, most, step):
    assert step_of(span, most) == pytest.approx(step)


@pytest.mark.parametrize(
    ("low", "high", "most", "edges"),
    [
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-0.35, 0.2, 6, [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2]),
        (0, 0.0207, 5, [0, 0.005, 0.01, 0.015, 0.02, 0.025]),
    ],
)
def test_edges_are_whole_steps_around_both_ends(low, high, most, edges):
    assert edges_of(low, high, most) == pytest.approx(edges)

"""What is no log, and what is no policy, is refused with all that is wrong of it."""

import numpy as np
import pytest

from trimtab.core.errors import UserError
from trimtab.release.policy.logged import Logged, wanted_chances


def log(rows=4, **said):
    usual = {"taken": np.zeros(rows, int), "probability": np.full(rows, 0.5), "reward": np.ones(rows)}
    return Logged(**{**usual, **said})


def test_every_decision_is_for_itself_where_no_unit_is_said():
    assert log(3).unit.tolist() == [0, 1, 2]
    assert log(3, unit=np.array([7, 7, 8])).unit.tolist() == [7, 7, 8]


def test_all_faults_of_a_log_are_said_at_once():
    with pytest.raises(UserError) as caught:
        log(probability=np.array([0.5, 0.0, 1.5, np.nan]), reward=np.array([1, np.nan, np.inf, 1.0]))
    assert [problem.what for problem in caught.value.problems] == [
        "3 of 4 decisions have a probability that is not above 0 and up to 1",
        "2 of 4 decisions have no reward",
    ]
    assert {problem.code for problem in caught.value.problems} == {"P430"}


@pytest.mark.parametrize("said", [{"rows": 0}, {"reward": np.ones(3)}, {"unit": np.zeros(2, int)}])
def test_a_log_of_nothing_or_of_unequal_parts_is_refused(said):
    with pytest.raises(UserError, match="P430"):
        log(**said)


def test_one_action_a_decision_is_a_policy_of_whole_chances():
    assert wanted_chances(log(2), np.array([1, 0])).tolist() == [[0, 1], [1, 0]]
    assert wanted_chances(log(2, taken=np.array([2, 0])), np.array([1, 0])).shape == (2, 3)


@pytest.mark.parametrize(
    "wanted",
    [np.full((4, 2), 0.4), np.array([[1.5, -0.5]] * 4), np.full((3, 2), 0.5), np.zeros(3, int), np.ones((4, 2, 1))],
)
def test_what_are_no_chances_is_refused(wanted):
    with pytest.raises(UserError, match="P431"):
        wanted_chances(log(4), wanted)


def test_a_policy_knows_every_action_that_was_taken():
    with pytest.raises(UserError, match="P431"):
        wanted_chances(log(2, taken=np.array([0, 2])), np.full((2, 2), 0.5))

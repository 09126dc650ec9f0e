"""Whether a log says anything of a policy."""

import numpy as np
from numpy.testing import assert_allclose

from trimtab.release.policy.logged import Logged
from trimtab.release.policy.overlap import overlap_of


def flown(share, rows=20_000):
    taken = (np.random.default_rng(1).random(rows) < share).astype(int)
    return Logged(taken, np.where(taken == 1, share, 1 - share), np.ones(rows))


def test_a_policy_that_was_tried_often_has_no_warning():
    found = overlap_of(flown(0.5), np.ones(20_000, int))
    assert found.warnings == ()
    assert_allclose((found.effective, found.mean), (10_000, 1), rtol=0.03)


def test_few_and_thin_decisions_are_told():
    assert "too few to rely on" in overlap_of(flown(0.002), np.ones(20_000, int)).warnings[0]
    (thin,) = overlap_of(flown(0.02), np.ones(20_000, int)).warnings
    assert thin.startswith("20,000 decisions are worth ")


def test_what_was_never_done_is_told():
    never = Logged(np.zeros(1000, int), np.ones(1000), np.ones(1000))
    assert overlap_of(never, np.ones(1000, int)).warnings == (
        "nothing that the policy wants was ever done: the log says nothing of it",
    )
    half = np.arange(1000) % 2
    (partly,) = overlap_of(never, half).warnings
    assert partly.startswith("weights have a mean of 0.5, not 1")


def test_probabilities_by_which_nobody_chose_are_told():
    logged = flown(0.5)
    wrong = Logged(logged.taken, np.full(20_000, 0.8), logged.reward)
    assert any("weights have a mean of" in one for one in overlap_of(wrong, np.ones(20_000, int)).warnings)


def test_one_caller_with_most_of_the_weight_is_told():
    logged = flown(0.5)
    unit = np.where(np.arange(20_000) < 15_000, 0, np.arange(20_000))
    one = Logged(logged.taken, logged.probability, logged.reward, unit)
    assert any("one caller" in said for said in overlap_of(one, np.ones(20_000, int)).warnings)

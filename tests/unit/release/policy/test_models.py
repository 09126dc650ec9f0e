"""Models of rewards: against closed forms, and that none is asked about what it has seen."""

import numpy as np
from numpy.testing import assert_allclose

from trimtab.release.policy.logged import Logged
from trimtab.release.policy.models import bucket_means, cross_fitted, ridge


def test_ridge_without_penalty_is_least_squares():
    chance = np.random.default_rng(1)
    known, other = chance.normal(3, 5, (200, 3)), chance.normal(3, 5, (50, 3))
    rewards = known @ [1.0, -2.0, 0.5] + 4 + chance.normal(0, 1, 200)
    slopes, *_ = np.linalg.lstsq(np.c_[known, np.ones(200)], rewards, rcond=None)
    assert_allclose(ridge(1e-9)(known, rewards, other), np.c_[other, np.ones(50)] @ slopes, rtol=1e-6)


def test_ridge_with_all_penalty_is_the_mean_and_constant_features_do_no_harm():
    known = np.c_[np.arange(10.0), np.ones(10)]
    assert_allclose(ridge(1e12)(known, np.arange(10.0), known), 4.5, atol=1e-6)


def test_bucket_means_are_drawn_towards_the_mean_of_all():
    means = bucket_means(weight=1.0)(np.array([0, 0, 1]), np.array([0.0, 0.0, 3.0]), np.array([0, 1, 2]))
    assert_allclose(means, [1 / 3, 2.0, 1.0])  # of the third bucket nothing is known


def test_a_model_is_not_asked_about_a_unit_that_it_has_seen():
    unit = np.repeat(np.arange(40), 3)
    logged = Logged(np.zeros(120, int), np.ones(120), unit.astype(float), unit)

    def fit(features, _, asked):
        assert not set(features.tolist()) & set(asked.tolist())
        return np.zeros(len(asked))

    assert cross_fitted(logged, unit, 2, fit).shape == (120, 2)


def test_an_action_that_was_never_taken_is_expected_to_be_like_all():
    logged = Logged(np.zeros(50, int), np.ones(50), np.full(50, 2.0))
    assert_allclose(cross_fitted(logged, np.zeros(50, int), 2, bucket_means())[:, 1], 2.0)


def test_a_single_unit_has_a_model_too():
    logged = Logged(np.zeros(5, int), np.ones(5), np.full(5, 2.0), np.zeros(5, int))
    assert_allclose(cross_fitted(logged, np.zeros(5, int), 1, bucket_means()), 2.0)

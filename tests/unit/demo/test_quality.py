"""The figures of the report, against scikit-learn's own and against sums done by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

NAN = np.nan


@pytest.fixture(scope="module")
def quality(demo):
    return demo("quality")


@pytest.fixture(scope="module")
def rows():
    """Truth with gaps, and probabilities that tell something of it."""
    chance = np.random.default_rng(5)
    probability = chance.random(1003)
    truth = (chance.random(1003) < probability).astype(float)
    truth[::50] = NAN
    return truth, probability


def test_each_figure_is_that_of_scikit_learn_over_the_known_rows(quality, rows):
    truth, probability = rows
    known = ~np.isnan(truth)
    got = quality.quality(truth, probability)
    seen, said = truth[known], probability[known]
    assert (got.auc, got.log_loss, got.brier) == (
        metrics.roc_auc_score(seen, said), metrics.log_loss(seen, said), metrics.brier_score_loss(seen, said),
    )  # fmt: skip
    assert (got.count, got.predicted, got.actual) == (known.sum(), said.mean(), seen.mean())


def test_figures_that_can_be_done_by_hand(quality):
    got = quality.quality(np.array([0.0, 1.0, NAN, 1.0]), np.array([0.5, 0.5, 0.9, 1.0]))
    assert got.auc == pytest.approx(0.75)
    assert got.brier == pytest.approx(0.5 / 3)
    assert got.log_loss == pytest.approx(2 * np.log(2) / 3)
    assert (got.predicted, got.actual, got.count) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)


FLIGHTS = pd.DataFrame({"carrier": ["AA", "AA", "AA", "UA"], "sched_dep_time": [1755, 1700, 900, 900]})


def test_the_baseline_is_the_mixed_rate_of_carrier_and_hour(quality):
    table = quality.RateTable.learn(FLIGHTS, pd.Series([1.0, 1.0, 0.0, 0.0]))
    prior = quality.PRIOR
    assert table.overall == 0.5
    want = [(2 + prior * 0.5) / (2 + prior)] * 2 + [(prior * 0.5) / (1 + prior)] * 2
    assert table(FLIGHTS) == pytest.approx(want)
    unknown = pd.DataFrame({"carrier": ["ZZ", "AA"], "sched_dep_time": [900, 2300]})
    assert table(unknown).tolist() == [0.5, 0.5]


def test_ten_groups_of_equal_size_in_the_order_of_what_was_said(quality, rows):
    truth, probability = rows
    groups = quality.calibration(truth, probability)
    known = ~np.isnan(truth)
    assert len(groups) == 10
    assert groups["count"].sum() == known.sum()
    assert groups["count"].max() - groups["count"].min() <= 1
    assert groups["said"].is_monotonic_increasing
    assert (groups["seen"] * groups["count"]).sum() == pytest.approx(truth[known].sum())


def test_equal_probabilities_are_divided_all_the_same(quality):
    groups = quality.calibration(np.arange(20) % 2.0, np.full(20, 0.3))
    assert groups["count"].tolist() == [2] * 10
    assert groups["seen"].tolist() == [0.5] * 10


def test_lift_is_the_rate_of_the_likeliest_tenth_over_the_mean(quality):
    probability = np.arange(20) / 20
    truth = (probability >= 0.9).astype(float)
    assert quality.lift(truth, probability) == pytest.approx(10.0)
    assert quality.lift(np.append(truth, NAN), np.append(probability, 1.0)) == pytest.approx(10.0)

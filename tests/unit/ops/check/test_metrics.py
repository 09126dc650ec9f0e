import numpy as np
import pytest
from sklearn import metrics as others

from trimtab.core.signature import Field
from trimtab.ops.check.metrics import constant, is_better_large, metric_of
from trimtab.ops.check.subject import CannotError

P = Field("p", "FP64")
TWO = Field("p", "FP64", shape=(-1, 2), categories=("no", "yes"))
THREE = Field("p", "FP64", shape=(-1, 3), categories=("a", "b", "c"))
LABEL = Field("l", "BYTES")
CHANCE = np.random.default_rng(3)
SCORES = np.round(CHANCE.random(200), 1)  # with ties
TRUE = CHANCE.random(200) < SCORES
ALL = np.arange(200)


def value(name, field, answers, truth):
    return metric_of(name, field, answers, truth)(np.arange(len(truth)))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("auc", lambda: others.roc_auc_score(TRUE, SCORES)),
        ("accuracy", lambda: others.accuracy_score(TRUE, SCORES >= 0.5)),
        ("logloss", lambda: others.log_loss(TRUE, np.clip(SCORES, 1e-15, 1 - 1e-15))),
        ("rmse", lambda: others.root_mean_squared_error(TRUE, SCORES)),
        ("mae", lambda: others.mean_absolute_error(TRUE, SCORES)),
    ],
)
def test_they_are_what_scikit_learn_says(name, other):
    assert value(name, P, SCORES, TRUE) == pytest.approx(other(), rel=1e-6)


def test_two_columns_say_the_same_as_one():
    both = np.stack([1 - SCORES, SCORES], axis=1)
    words = np.where(TRUE, "yes", "no").astype(object)
    for name in ("auc", "accuracy", "logloss"):
        # a chance of just one half is a yes of one column, and of two the first one's
        near = np.where(SCORES == 0.5, 0.51, SCORES)
        both = np.stack([1 - near, near], axis=1)
        assert value(name, TWO, both, words) == pytest.approx(value(name, P, near, TRUE))


def test_classes_are_told_apart_by_their_names():
    chances = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])
    truth = np.array(["a", "c", "c"], object)
    assert value("accuracy", THREE, chances, truth) == pytest.approx(2 / 3)
    assert value("logloss", THREE, chances, truth) == pytest.approx(-np.log([0.7, 0.7, 0.3]).mean())
    assert value("accuracy", LABEL, np.array(["a", "b"], object), np.array(["a", "c"], object)) == 0.5


def test_one_class_has_no_auc_and_no_rows_no_accuracy():
    assert np.isnan(value("auc", P, SCORES, np.ones(200, bool)))
    assert np.isnan(metric_of("accuracy", P, SCORES, TRUE)(ALL[:0]))


@pytest.mark.parametrize(
    ("name", "field", "answers", "truth", "why"),
    [
        ("auc", LABEL, np.array(["a", "b"], object), np.array([0, 1]), "`l` is no probability"),
        ("auc", P, np.array([0.1, 0.2, 0.3]), np.array([0, 1, 2]), "the truth has 3 values"),
        ("rmse", P, np.array([0.1]), np.array(["x"], object), "the truth is no number"),
        ("rmse", THREE, np.ones((2, 3)), np.ones(2), "not one number a row"),
        ("logloss", THREE, np.ones((1, 3)), np.array(["z"], object), "the truth `z` is no class of `p`"),
    ],
)
def test_what_has_no_such_metric_is_refused_with_why(name, field, answers, truth, why):
    with pytest.raises(CannotError, match=why):
        value(name, field, answers, truth)


def test_the_best_constant_is_what_each_metric_likes_best():
    truth = np.array([1.0, 2.0, 9.0])
    assert constant("rmse", P, truth, truth)[0] == 4.0
    assert constant("mae", P, truth, truth)[0] == 2.0
    assert constant("auc", P, np.array([True, True, False]), np.ones(3))[0] == pytest.approx(2 / 3)
    words = np.array(["a", "c", "c"], object)
    assert constant("logloss", THREE, words, np.ones((3, 3)))[0].tolist() == pytest.approx([1 / 3, 0, 2 / 3])
    assert constant("accuracy", LABEL, words, words).tolist() == ["c"] * 3


def test_errors_are_better_small():
    assert [is_better_large(one) for one in ("auc", "accuracy", "m:f", "rmse", "mae", "logloss")] == [True] * 3 + [
        False
    ] * 3

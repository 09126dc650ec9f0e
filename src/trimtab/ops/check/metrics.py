"""How good answers are, held against what turned out to be so: a number of rows, or of any draw of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.ops.check.subject import CannotError

__all__ = ["Metric", "constant", "is_better_large", "metric_of"]

# of rows by their places: the metric of them; NaN where it says nothing, such as the `auc` of one class
Metric: TypeAlias = Callable[[Array], float]
_SMALL: Final = ("logloss", "rmse", "mae")
_LEAST: Final = 1e-15  # a probability of zero would cost infinity
_HALF: Final = 0.5


def is_better_large(metric: str) -> bool:
    """Whether more of it is better; of a function it is."""
    return metric not in _SMALL


def metric_of(name: str, field: Field, answers: Array, truth: Array) -> Metric:
    """name: `auc`, `accuracy`, `logloss`, `rmse` or `mae`. CannotError where these answers have no such metric."""
    match name:
        case "auc":
            return _auc(_chances(field, answers)[:, 1], _positive(field, truth))
        case "logloss":
            return _mean(_losses(field, answers, truth))
        case "accuracy":
            return _mean(_right(field, answers, truth))
        case "mae":
            return _mean(np.abs(_apart(answers, truth)))
        case _:
            squares = _mean(_apart(answers, truth) ** 2)
            return lambda places: float(np.sqrt(squares(places)))


def constant(name: str, field: Field, truth: Array, like: Array) -> Array:
    """The best answers that are the same for every row: the majority, the mean, the median, as the metric has it.

    like: answers whose shape they take.
    """
    if name in ("mae", "rmse"):
        numbers = _floats(truth)
        best = float(np.median(numbers) if name == "mae" else numbers.mean())
        return np.full(like.shape, best)
    if like.ndim > 1:
        shares = np.array([np.mean(_words(truth) == word) for word in _classes(field, like)])
        return np.tile(shares, (len(like), 1))
    if like.dtype.kind == "f":
        return np.full(like.shape, float(_positive(field, truth).mean()))
    words, counts = np.unique(_words(truth), return_counts=True)
    best_word = words[counts.argmax()]
    return np.array([best_word] * len(like), object)


def _mean(values: Array) -> Metric:
    return lambda places: float(values[places].mean()) if len(places) else float("nan")


def _auc(scores: Array, positive: Array) -> Metric:
    """The share of pairs in the right order, ties count half: Mann and Whitney (1947)."""

    def of(places: Array) -> float:
        score, truth = scores[places], positive[places]
        positives = int(truth.sum())
        negatives = len(truth) - positives
        if not positives or not negatives:
            return float("nan")
        _, at, counts = np.unique(score, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[at]
        return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))

    return of


def _right(field: Field, answers: Array, truth: Array) -> Array:
    if answers.ndim > 1 or answers.dtype.kind == "f":
        chances = _chances(field, answers)
        if answers.ndim == 1:
            return np.asarray((chances[:, 1] >= _HALF) == _positive(field, truth))
        classes = _classes(field, answers)
        return np.asarray(classes[chances.argmax(axis=1)] == _words(truth))
    return np.asarray(_words(answers) == _words(truth))


def _losses(field: Field, answers: Array, truth: Array) -> Array:
    chances = _chances(field, answers)
    if answers.ndim == 1:
        place = _positive(field, truth).astype(int)
    else:
        classes = _classes(field, answers).tolist()
        unknown = set(_words(truth).tolist()) - set(classes)
        if unknown:
            raise CannotError(f"the truth `{min(unknown)}` is no class of `{field.name}`")
        place = np.array([classes.index(word) for word in _words(truth).tolist()])
    return np.asarray(-np.log(np.clip(chances[np.arange(len(place)), place], _LEAST, 1.0)))


def _chances(field: Field, answers: Array) -> Array:
    """A column a class, of which one that answers with one number has two."""
    if answers.dtype.kind not in "iuf" or answers.ndim > 2:  # noqa: PLR2004  # rows and classes
        raise CannotError(f"`{field.name}` is no probability")
    if answers.ndim == 1:
        return np.stack([1.0 - answers.astype(float), answers.astype(float)], axis=1)
    if answers.shape[1] == 1:
        return _chances(field, answers[:, 0])
    return answers.astype(float)


def _classes(field: Field, answers: Array) -> Array:
    return np.array([_word(one) for one in field.categories or range(answers.shape[1])], object)


def _positive(field: Field, truth: Array) -> Array:
    """Which rows are of the second class: the later one of two."""
    words = _words(truth)
    seen = sorted(set(words.tolist()))
    if field.categories is not None and len(field.categories) == 2:  # noqa: PLR2004  # of two classes
        return np.asarray(words == _word(field.categories[1]))
    if len(seen) > 2:  # noqa: PLR2004  # as above
        raise CannotError(f"the truth has {len(seen)} values, and `{field.name}` tells two apart")
    named = [word for word in seen if word in ("1", "true", "yes")]
    return np.asarray(words == (named[0] if named else seen[-1] if len(seen) > 1 else "1"))


def _words(values: Array) -> Array:
    return np.array([_word(one) for one in values.tolist()], object)


def _word(value: object) -> str:
    """One way to write a class: `True`, `1` and `1.0` are `1`."""
    if isinstance(value, bool | int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value)


def _floats(values: Array) -> Array:
    try:
        return np.asarray(values.astype(float))
    except (TypeError, ValueError):
        raise CannotError("the truth is no number") from None


def _apart(answers: Array, truth: Array) -> Array:
    if answers.ndim > 1 and answers.shape[1:] == (1,):
        answers = answers[:, 0]
    if answers.ndim > 1 or answers.dtype.kind not in "iuf":
        raise CannotError("the answers are not one number a row")
    return answers.astype(float) - _floats(truth)

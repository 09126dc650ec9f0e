"""Transformers of numbers, one function each: the steps that do what they do, in scikit-learn's own order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from trimtab.bundle.compiled.categories import hot
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.engines.numbers import FUNCTIONS
from trimtab.bundle.engines.steps import Bins, Call, Fill, Move, Pick, Products, Scale, Step, Words

__all__ = ["TRANSFORMERS"]

_Made: TypeAlias = tuple[list[Step], Sequence[str]]
_Op: TypeAlias = Literal["minus", "by", "times", "plus"]
_NUMBERS: Final = frozenset({"number", "truth"})


def _only_numbers(step: Any, kinds: Sequence[str]) -> None:
    for kind in kinds:
        if kind not in _NUMBERS:
            what = "text" if kind in ("nan", "none") else kind
            raise UnfoldableError(f"`{type(step).__name__}` over a column of {what} has no native form")


def _move(step: Any, op: _Op, values: Any, *, own: bool = False) -> Move:
    """own: the numbers are cast to the rows' precision first, as `StandardScaler` does."""
    array = np.asarray(values)
    if not np.isfinite(array).all():
        raise UnfoldableError(f"`{type(step).__name__}` learned a number that is not finite")
    return Move(op, tuple(array.tolist()), "" if own else "float32" if array.dtype == np.float32 else "float64")


def _scale(step: Any, kinds: Sequence[str], moves: list[Move], clip: Any = None) -> _Made:
    _only_numbers(step, kinds)
    return [Scale(tuple(moves), None if clip is None else (float(clip[0]), float(clip[1])))], kinds


def _standard(step: Any, kinds: Sequence[str]) -> _Made:
    moves = [_move(step, "minus", step.mean_, own=True)] if step.with_mean else []
    return _scale(step, kinds, [*moves, *([_move(step, "by", step.scale_, own=True)] if step.with_std else [])])


def _min_max(step: Any, kinds: Sequence[str]) -> _Made:
    moves = [_move(step, "times", step.scale_), _move(step, "plus", step.min_)]
    return _scale(step, kinds, moves, step.feature_range if step.clip else None)


def _max_abs(step: Any, kinds: Sequence[str]) -> _Made:
    return _scale(step, kinds, [_move(step, "by", step.scale_)], (-1, 1) if getattr(step, "clip", False) else None)


def _robust(step: Any, kinds: Sequence[str]) -> _Made:
    moves = [_move(step, "minus", step.center_)] if step.with_centering else []
    return _scale(step, kinds, [*moves, *([_move(step, "by", step.scale_)] if step.with_scaling else [])])


def _imputed(step: Any, kinds: Sequence[str]) -> _Made:
    missing = step.missing_values
    if kinds and all(kind in ("nan", "none") for kind in kinds):
        return _imputed_words(step, kinds)
    _only_numbers(step, kinds)
    statistics = np.asarray(step.statistics_)
    if statistics.dtype.kind not in "fiu" or isinstance(missing, str) or missing is None:
        raise UnfoldableError("`SimpleImputer` with values that are no numbers has no native form")
    empty = np.isnan(statistics.astype(np.float64))
    if step.keep_empty_features:
        empty[:] = False
    kept = np.flatnonzero(~empty)
    fill = statistics[kept].astype(step._fill_dtype)  # noqa: SLF001  # it has no public name
    flags = tuple(map(int, step.indicator_.features_)) if step.add_indicator else ()
    made = Fill(
        tuple(map(float, fill.tolist())),
        None if len(kept) == len(statistics) else tuple(kept.tolist()),
        None if isinstance(missing, float) and math.isnan(missing) else float(missing),
        flags,
        floats=step.strategy not in ("most_frequent", "constant"),
    )
    return [made], ["number"] * (len(kept) + len(flags))


def _imputed_words(step: Any, kinds: Sequence[str]) -> _Made:
    """A null is NaN or None by what the column is, and is filled only where that is what the imputer looks for."""
    missing = "none" if step.missing_values is None else "nan"
    values = np.asarray(step.statistics_, object).tolist()
    if step.missing_values is not None and not (
        isinstance(step.missing_values, float) and math.isnan(step.missing_values)
    ):
        raise UnfoldableError("`SimpleImputer` with another mark than NaN or None over text has no native form")
    if step.add_indicator or not all(isinstance(value, str) for value in values):
        raise UnfoldableError("`SimpleImputer` over text with an indicator or an empty column has no native form")
    if any(kind != missing for kind in kinds):
        if len(set(kinds)) > 1:
            raise UnfoldableError("`SimpleImputer` over columns of several kinds of null has no native form")
        return [], kinds
    return [Words(tuple(values))], kinds


def _function(step: Any, kinds: Sequence[str]) -> _Made:
    if step.func is None:
        return [], kinds
    _only_numbers(step, kinds)
    name = getattr(step.func, "__name__", "")
    if step.kw_args or FUNCTIONS.get(name) is not step.func:
        raise UnfoldableError(f"`FunctionTransformer` of `{name or step.func}` has no native form")
    return [Call(name, "missing" if step.validate else "")], kinds


def _picked(step: Any, kinds: Sequence[str]) -> _Made:
    from sklearn.utils import get_tags

    _only_numbers(step, kinds)
    at = tuple(np.flatnonzero(step.get_support()).tolist())
    if not at:
        raise UnfoldableError(f"`{type(step).__name__}` selects nothing")
    return [Pick(at, "" if get_tags(step).input_tags.allow_nan else "missing")], [kinds[place] for place in at]


def _binned(step: Any, kinds: Sequence[str]) -> _Made:
    _only_numbers(step, kinds)
    bins = Bins(tuple(tuple(np.asarray(edges, np.float64)[1:-1].tolist()) for edges in step.bin_edges_))
    if step.dtype is not None:
        raise UnfoldableError("`KBinsDiscretizer` with a dtype has no native form")
    if step.encode == "ordinal":
        return [bins], kinds
    made, width = hot(step._encoder, kinds, own=True)  # noqa: SLF001  # it has no public name
    return [bins, *made], ["number"] * width


def _products(step: Any, kinds: Sequence[str]) -> _Made:
    """Follows `PolynomialFeatures.transform`: each degree is made of the one before."""
    _only_numbers(step, kinds)
    width, at = len(kinds), int(step.include_bias)
    index = [*range(at, at + width + 1)]
    at += width
    groups = []
    for _ in range(2, step._max_degree + 1):  # noqa: SLF001  # it has no public name
        after, end = [], index[-1]
        for column in range(width):
            start = index[column]
            after.append(at)
            if step.interaction_only:
                start += index[column + 1] - index[column]
            if end <= start:
                break
            groups.append((start, end, column))
            at += end - start
        after.append(at)
        index = after
    keep = [*range(at)]
    if step._min_degree > 1:  # noqa: SLF001  # as above
        bias = int(step.include_bias)
        keep = [*range(bias), *range(at - step.n_output_features_ + bias, at)]
    if len(keep) != step.n_output_features_:
        raise UnfoldableError("`PolynomialFeatures` of this degree has no native form")
    return [Products(tuple(groups), bool(step.include_bias), tuple(keep))], ["number"] * len(keep)


TRANSFORMERS: Final[Mapping[str, Callable[[Any, Sequence[str]], _Made]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SimpleImputer": _imputed,
    "FunctionTransformer": _function,
    "KBinsDiscretizer": _binned,
    "PolynomialFeatures": _products,
    "": _picked,  # any selector
}

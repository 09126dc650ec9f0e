"""Converts what cannot be folded or packed into an ONNX graph in FP64, where skl2onnx is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.compiled.features import Affine, Feature, UnfoldableError, features_after, kind_of
from trimtab.bundle.engines.graph import GraphOptions
from trimtab.core.dtypes import Array

__all__ = ["write_graph"]

_FILE: Final = "model.onnx"
_LARGEST: Final = float(np.finfo(np.float64).max)
_TWO: Final = 2
_TYPES: Final = {"f": ("DoubleTensorType", "float64"), "i": ("Int64TensorType", "int64")}
_TEXT: Final = ("StringTensorType", "object")


def write_graph(estimator: Any, method: str, given: Any, folder: Path) -> tuple[str, GraphOptions]:
    """Write the graph; the file's name and how it is asked. Raises UnfoldableError where there is no converter.

    given: what the estimator is given for the rows of the sample.
    """
    if not kind_of(estimator):
        raise UnfoldableError(f"`{type(estimator).__name__}` has no native form")
    try:
        from skl2onnx import to_onnx
        from skl2onnx.common import data_types
    except ModuleNotFoundError:
        what = f'`{type(estimator).__name__}` would need a converter, `pip install "trimtab[convert]"`'
        raise UnfoldableError(what) from None
    inputs = _inputs(estimator, given)
    count = int(estimator.n_features_in_)
    types = [(name, getattr(data_types, kind)([None, 1])) for name, (kind, _) in inputs.items()]
    types = types or [("X", data_types.DoubleTensorType([None, count]))]
    classifier = hasattr(estimator, "classes_")
    options = {id(estimator): {"zipmap": False}} if classifier else None
    try:
        graph = to_onnx(estimator, initial_types=types, options=options, name="model")
    except Exception as error:
        raise UnfoldableError(f"`{type(estimator).__name__}` has no ONNX form: {_first_line(error)}") from error
    results = [item.name for item in graph.graph.output]
    (folder / _FILE).write_bytes(graph.SerializeToString(deterministic=True))
    names = getattr(estimator, "feature_names_in_", None)
    wide = not classifier and _width(estimator, method, given) != 1
    return _FILE, GraphOptions(
        output="probability" if method == "predict_proba" else "prediction",
        result=results[_place(method, classifier=classifier)],
        count=count,
        names=None if names is None else tuple(map(str, names)),
        inputs={name: dtype for name, (_, dtype) in inputs.items()},
        flat=method == "predict" and not wide,
        limits=() if inputs else _limits(estimator, count),
        chance=method == "predict_proba" and len(estimator.classes_) == _TWO,
    )


def _limits(estimator: Any, count: int) -> tuple[float, ...]:
    """Where each column of a matrix becomes infinite in the scalers before the last step; none if unknown."""
    features: list[Feature] = [Affine(at) for at in range(count)]
    try:
        for _, step in getattr(estimator, "steps", ())[:-1]:
            features = features_after(step, features)
    except UnfoldableError:
        return ()
    plain = [feature for feature in features if isinstance(feature, Affine) and feature.fill is None]
    return tuple(_LARGEST / feature.widest for feature in plain) if len(plain) == count else ()


def _place(method: str, *, classifier: bool) -> int:
    if method == "predict" or (method == "transform" and not classifier):
        return 0
    if method == "predict_proba" and classifier:
        return 1
    raise UnfoldableError(f"`{method}` has no native form")


def _inputs(estimator: Any, given: Any) -> dict[str, tuple[str, str]]:
    """One input a column, where columns are of several kinds and known by their names; else none."""
    if not hasattr(given, "columns") or getattr(estimator, "feature_names_in_", None) is None:
        return {}
    kinds = {str(name): getattr(dtype, "kind", "O") for name, dtype in given.dtypes.items()}
    if set(kinds.values()) <= set("fiu") and not _has_columns(estimator):
        return {}
    return {name: _TYPES.get(kind, _TEXT) for name, kind in kinds.items()}


def _has_columns(estimator: Any) -> bool:
    """Whether the first step takes columns apart."""
    first = estimator
    while getattr(first, "steps", None):
        first = first.steps[0][1]
    return kind_of(first) == "ColumnTransformer"


def _width(estimator: Any, method: str, given: Any) -> int:
    """Numbers in an answer of one row."""
    found: Array = getattr(estimator, method)(given[:1] if not isinstance(given, dict) else _first(given))
    return found.size if found.ndim == 1 else 0


def _first(given: dict[str, Array]) -> Any:
    return np.column_stack([column[:1] for column in given.values()])


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"

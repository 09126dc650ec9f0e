"""Reads a fitted scikit-learn pipeline's preprocessing into a column stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from trimtab.bundle.compiled.categories import hot, ordinal
from trimtab.bundle.compiled.features import UnfoldableError, kind_of
from trimtab.bundle.compiled.transformers import TRANSFORMERS
from trimtab.bundle.engines.steps import ColumnsSpec, Floats, Join, Part, Step

__all__ = ["is_pipeline", "stage_of", "stage_of_histogram"]

Kinds = Sequence[str]
_ENCODERS: Final = {"OneHotEncoder": hot, "OrdinalEncoder": ordinal}


def is_pipeline(estimator: Any) -> bool:
    """Whether it is scikit-learn's own pipeline with preprocessing before its last step."""
    return kind_of(estimator) == "Pipeline" and len(estimator.steps) > 1


def stage_of(pipeline: Any, given: Any) -> tuple[ColumnsSpec, bool]:
    """All steps but the last, and whether the last one is given a sparse matrix; raises UnfoldableError.

    given: the rows of the sample as the pipeline itself sees them.
    """
    names = getattr(pipeline, "feature_names_in_", None)
    steps: list[Step] = []
    kinds: Kinds = kinds_of(given)
    sparse = False
    first = pipeline.steps[0][1]
    for _, step in pipeline.steps[:-1]:
        if sparse:
            raise UnfoldableError(f"`{_name(step)}` behind a sparse matrix has no native form")
        found, kinds, sparse = _converted(step, kinds)
        steps += found
    by_name = kind_of(first) == "ColumnTransformer" and names is not None
    known = None if names is None else tuple(map(str, names))
    return ColumnsSpec(int(pipeline.n_features_in_), tuple(steps), known, by_name), sparse


def stage_of_histogram(estimator: Any, given: Any) -> ColumnsSpec:
    """What `HistGradientBoosting...` does to columns of categories before its trees see their codes."""
    kinds, flags = kinds_of(given), estimator.is_categorical_
    encoder = estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001  # it has no public name
    coded, plain = np.flatnonzero(flags).tolist(), np.flatnonzero(~flags).tolist()
    parts = [Part(tuple(coded), tuple(ordinal(encoder, [kinds[at] for at in coded])[0]))]
    if plain:
        parts.append(Part(tuple(plain), (Floats(),)))
    names = getattr(estimator, "feature_names_in_", None)
    known = None if names is None else tuple(map(str, names))
    return ColumnsSpec(int(estimator.n_features_in_), (Join(tuple(parts)),), known, by_name=known is not None)


def kinds_of(given: Any) -> list[str]:
    """For each column "number", or how its nulls look in it: "nan" or "none"; else what it is, to be refused."""
    if isinstance(given, np.ndarray):
        return [_kind(given.dtype) if given.dtype.kind in "fiu" else str(given.dtype)] * given.shape[1]
    if not hasattr(given, "dtypes"):
        raise UnfoldableError(f"a pipeline over `{type(given).__name__}` has no native form")
    return [_kind(dtype) for dtype in given.dtypes]


def _kind(dtype: Any) -> str:
    said = str(dtype)
    if said in ("object", "str"):
        return "none" if said == "object" else "nan"
    if said == "category":
        return "number" if dtype.categories.dtype.kind in "iuf" else "nan"
    if said == "bool":
        return "truth"
    return "number" if dtype.kind in "fiu" and said.lower() != "float16" else said  # FP16 is rounded at every step


def _name(step: Any) -> str:
    return step if isinstance(step, str) else type(step).__name__


def _converted(step: Any, kinds: Kinds) -> tuple[list[Step], Kinds, bool]:
    """The steps that stand for a transformer, the kinds of the columns it makes, and whether these are sparse."""
    if step is None or step == "passthrough":
        return [], kinds, False
    kind = kind_of(step)
    match kind:
        case "Pipeline":
            return _chained(step, kinds)
        case "ColumnTransformer":
            return _columns(step, kinds)
        case "FeatureUnion":
            return _union(step, kinds)
    if kind in _ENCODERS:
        made, width = _ENCODERS[kind](step, kinds)
        return made, ["number"] * width, kind == "OneHotEncoder" and bool(step.sparse_output)
    if kind not in TRANSFORMERS and not hasattr(step, "get_support"):
        raise UnfoldableError(f"`{_name(step)}` has no native form")
    made, kinds = TRANSFORMERS.get(kind, TRANSFORMERS[""])(step, kinds)
    sparse = kind == "KBinsDiscretizer" and step.encode == "onehot"
    return made, kinds, sparse


def _chained(step: Any, kinds: Kinds) -> tuple[list[Step], Kinds, bool]:
    steps: list[Step] = []
    sparse = False
    for _, inner in step.steps:
        if sparse:
            raise UnfoldableError(f"`{_name(inner)}` behind a sparse matrix has no native form")
        made, kinds, sparse = _converted(inner, kinds)
        steps += made
    return steps, kinds, sparse


def _columns(step: Any, kinds: Kinds) -> tuple[list[Step], Kinds, bool]:
    parts: list[Part] = []
    found: list[str] = []
    if step.transformer_weights:
        raise UnfoldableError("`ColumnTransformer` with weights has no native form")
    for name, inner, _ in step.transformers_:
        at = tuple(map(int, np.atleast_1d(step._transformer_to_input_indices[name])))  # noqa: SLF001  # see `features`
        if inner == "drop" or not at:
            continue
        made, after, _ = _converted(inner, [kinds[place] for place in at])
        parts.append(Part(at, tuple(made)))
        found += after
    if not parts:
        raise UnfoldableError("`ColumnTransformer` without columns has no native form")
    return [Join(tuple(parts))], found, bool(step.sparse_output_)


def _union(step: Any, kinds: Kinds) -> tuple[list[Step], Kinds, bool]:
    parts: list[Part] = []
    found: list[str] = []
    if step.transformer_weights:
        raise UnfoldableError("`FeatureUnion` with weights has no native form")
    for _, inner in step.transformer_list:
        if inner == "drop":
            continue
        made, after, sparse = _converted(inner, kinds)
        if sparse:
            raise UnfoldableError("`FeatureUnion` of sparse matrices has no native form")
        parts.append(Part(None, tuple(made)))
        found += after
    return [Join(tuple(parts))], found, False

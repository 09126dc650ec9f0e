"""What scikit-learn's preprocessing makes of columns, as terms that weights can be folded into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

__all__ = ["Affine", "Feature", "OneHot", "UnfoldableError", "features_after", "kind_of"]


class UnfoldableError(Exception):
    """Why a model has no native form, in words that follow `no: `."""


@dataclass(frozen=True, slots=True)
class Affine:
    """`scale` times a column plus `shift`; fill is what a missing value counts as, None: it is refused.

    widest: the largest scale on the way there, which decides from where on a value becomes infinite.
    """

    at: int
    scale: float = 1.0
    shift: float = 0.0
    fill: Any = None
    widest: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether it is the column itself."""
        return self.scale == 1.0 and self.shift == 0.0


@dataclass(frozen=True, slots=True)
class OneHot:
    """1 where a column holds `values[hot]`, else 0; refuse: a value that is none of them is refused."""

    at: int
    values: tuple[Any, ...]
    hot: int
    refuse: bool
    fill: Any = None


Feature: TypeAlias = Affine | OneHot
Features: TypeAlias = Sequence[Feature]


def kind_of(step: Any) -> str:
    """The class of an object of scikit-learn itself; empty for a subclass of the user's own."""
    return type(step).__name__ if type(step).__module__.partition(".")[0] == "sklearn" else ""


def features_after(step: Any, features: Features) -> list[Feature]:
    """What a fitted transformer makes of the features; raises UnfoldableError for one that is not affine or one-hot."""
    if isinstance(step, str):
        if step == "passthrough":
            return list(features)
        return []
    apply = _STEPS.get(kind_of(step))
    if apply is None:
        raise UnfoldableError(f"`{type(step).__name__}` cannot be folded into weights")
    return apply(step, features)


def _scaled(features: Features, scale: Any, shift: Any) -> list[Feature]:
    """Each feature times its scale plus its shift."""
    made: list[Feature] = []
    for feature, by, plus in zip(features, scale, shift, strict=True):
        if not isinstance(feature, Affine) or not isinstance(feature.fill, float | int | None):
            raise UnfoldableError("a scaler behind a one-hot encoder cannot be folded into weights")
        scaled = feature.scale * float(by)
        shifted = feature.shift * float(by) + float(plus)
        made.append(replace(feature, scale=scaled, shift=shifted, widest=max(feature.widest, abs(scaled))))
    return made


def _standard(step: Any, features: Features) -> list[Feature]:
    ones, zeros = np.ones(len(features)), np.zeros(len(features))
    scale = 1.0 / step.scale_ if step.scale_ is not None else ones
    mean = step.mean_ if step.with_mean else zeros
    return _scaled(features, scale, -mean * scale)


def _min_max(step: Any, features: Features) -> list[Feature]:
    if step.clip:
        raise UnfoldableError("`MinMaxScaler` with `clip` cannot be folded into weights")
    return _scaled(features, step.scale_, step.min_)


def _max_abs(step: Any, features: Features) -> list[Feature]:
    if getattr(step, "clip", False):
        raise UnfoldableError("`MaxAbsScaler` with `clip` cannot be folded into weights")
    return _scaled(features, 1.0 / step.scale_, np.zeros(len(features)))


def _robust(step: Any, features: Features) -> list[Feature]:
    scale = 1.0 / step.scale_ if step.with_scaling else np.ones(len(features))
    centre = step.center_ if step.with_centering else np.zeros(len(features))
    return _scaled(features, scale, -centre * scale)


def _imputed(step: Any, features: Features) -> list[Feature]:
    missing = step.missing_values
    if step.add_indicator or not (isinstance(missing, float) and np.isnan(missing)):
        raise UnfoldableError(
            "`SimpleImputer` with an indicator or another mark than NaN cannot be folded into weights"
        )
    made: list[Feature] = []
    for feature, value in zip(features, np.asarray(step.statistics_).tolist(), strict=True):
        if not isinstance(feature, Affine) or (isinstance(value, float) and np.isnan(value)):
            raise UnfoldableError("`SimpleImputer` leaves out a column or follows an encoder")
        if feature.fill is None:
            fill = value if feature.plain else (float(value) - feature.shift) / feature.scale
            made.append(replace(feature, fill=fill))
        else:
            made.append(feature)
    return made


def _one_hot(step: Any, features: Features) -> list[Feature]:
    if step.handle_unknown not in ("error", "ignore") or getattr(step, "_infrequent_enabled", False):
        raise UnfoldableError("`OneHotEncoder` with infrequent categories cannot be folded into weights")
    dropped = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(features)
    made: list[Feature] = []
    for feature, categories, drop in zip(features, step.categories_, dropped, strict=True):
        if not isinstance(feature, Affine) or not feature.plain:
            raise UnfoldableError("`OneHotEncoder` behind a scaler cannot be folded into weights")
        values = tuple(categories.tolist())
        made += [
            OneHot(feature.at, values, hot, step.handle_unknown == "error", feature.fill)
            for hot in range(len(values))
            if hot != drop
        ]
    return made


def _pipeline(step: Any, features: Features) -> list[Feature]:
    made = list(features)
    for _, inner in step.steps:
        made = features_after("passthrough" if inner is None else inner, made)
    return made


def _columns(step: Any, features: Features) -> list[Feature]:
    made: list[Feature] = []
    for name, inner, _ in step.transformers_:
        at = step._transformer_to_input_indices[name]  # noqa: SLF001  # the fitted selection has no public name
        weight = (step.transformer_weights or {}).get(name, 1.0)
        if weight != 1.0:
            raise UnfoldableError("`ColumnTransformer` with weights cannot be folded into weights")
        made += features_after(inner, [features[place] for place in at])
    return made


def _function(step: Any, features: Features) -> list[Feature]:
    """How a fitted `ColumnTransformer` writes "passthrough"."""
    if step.func is not None:
        raise UnfoldableError("`FunctionTransformer` cannot be folded into weights")
    return list(features)


_STEPS: Final[Mapping[str, Callable[[Any, Features], list[Feature]]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SimpleImputer": _imputed,
    "OneHotEncoder": _one_hot,
    "FunctionTransformer": _function,
    "Pipeline": _pipeline,
    "ColumnTransformer": _columns,
}

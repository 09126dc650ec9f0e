"""An estimator with scikit-learn's interface as a model: which method, which container, which output names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import no_method

__all__ = ["EstimatorModel", "chosen_method", "class_names", "named", "plain_classes", "probabilities"]

_DEFAULTS: Final = ("predict_proba", "predict", "transform", "score_samples", "decision_function")
_OTHERS: Final = ("predict_log_proba", "apply", "inverse_transform", "kneighbors", "predict_quantiles")


def chosen_method(estimator: Any, method: str) -> str:
    """The method to serve: the one asked for, else the first that the estimator has; P226 when it has none such."""
    # hasattr, not the class: scikit-learn offers `predict_proba` or not by how the estimator was configured
    offered = [name for name in (*_DEFAULTS, *_OTHERS) if callable(getattr(estimator, name, None))]
    if not method and offered:
        return offered[0]
    if method and not method.startswith("_") and callable(getattr(estimator, method, None)):
        return method
    raise no_method(method or "predict", offered, f"the model `{type(estimator).__name__}`")


@dataclass(frozen=True, slots=True)
class EstimatorModel:
    """One method of a fitted estimator; the container it was fitted on is settled before the first row."""

    call: Callable[[Any], Any]
    adapt: Callable[[Any], Any]
    method: str

    @classmethod
    def of(cls, estimator: Any, method: str) -> EstimatorModel:
        """The model for one of the estimator's methods (`chosen_method`)."""
        return cls(getattr(estimator, method), _adaptor(estimator), method)

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""
        return named(self.method, self.call(self.adapt(prepared)))


def named(method: str, raw: Any) -> Mapping[str, Any]:
    """An estimator's answer under its names: `probability`, `prediction`, or the columns of its own DataFrame."""
    if method == "predict_proba":
        if isinstance(raw, list):  # one array for each target of a multi-output classifier
            return {f"probability_{number}": probabilities(one) for number, one in enumerate(raw)}
        return {"probability": probabilities(raw)}
    if hasattr(raw, "toarray"):  # scipy's sparse matrices
        raw = raw.toarray()
    if hasattr(raw, "columns") and hasattr(raw, "to_numpy"):
        return {str(name): raw[name].to_numpy() for name in raw.columns}
    if isinstance(raw, tuple):
        return {f"prediction_{number}": one for number, one in enumerate(raw)}
    return {"prediction": raw.to_numpy() if hasattr(raw, "to_numpy") else raw}


def probabilities(raw: Any) -> Any:
    """The chance of the second class when there are two, else the whole matrix."""
    if hasattr(raw, "to_numpy"):
        raw = raw.to_numpy()
    return raw[:, 1] if raw.ndim == 2 and raw.shape[1] == 2 else raw  # noqa: PLR2004  # two classes


def class_names(estimator: Any, method: str) -> dict[str, list[Any]]:
    """The class that each column of an output stands for, by output name; only outputs with three columns and more."""
    classes = getattr(estimator, "classes_", None)
    if classes is None or method not in ("predict_proba", "predict_log_proba", "decision_function"):
        return {}
    output = "probability" if method == "predict_proba" else "prediction"
    if isinstance(classes, list):
        each = {f"{output}_{number}": plain_classes(one) for number, one in enumerate(classes)}
    else:
        each = {output: plain_classes(classes)}
    return {name: values for name, values in each.items() if len(values) > 2}  # noqa: PLR2004  # two need no names


def plain_classes(classes: Any) -> list[Any]:
    """Class labels as JSON-ready values."""
    values = np.asarray(classes).tolist()
    return [value if isinstance(value, str | int | float | bool) else str(value) for value in values]


def _adaptor(estimator: Any) -> Callable[[Any], Any]:
    """From any container to the one the estimator was fitted on, so that it sees what it saw in training."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        columns = [str(name) for name in names]
        return lambda prepared: _frame(prepared, columns)
    if _checks_names(estimator):
        return _matrix
    return lambda prepared: np.column_stack(list(prepared.values())) if isinstance(prepared, dict) else prepared


def _checks_names(estimator: Any) -> bool:
    """Whether the estimator would warn of a DataFrame: it validates its input and was fitted on plain arrays.

    A transformer of the user's own may want a DataFrame and never say so; it gets what there is.
    """
    first = estimator
    while getattr(first, "steps", None):
        first = first.steps[0][1]
    library = type(first).__module__.partition(".")[0] in {"sklearn", "xgboost", "lightgbm"}
    return library and hasattr(estimator, "n_features_in_")


def _frame(prepared: Any, columns: list[str]) -> Any:
    if hasattr(prepared, "columns"):
        return prepared
    from pandas import DataFrame

    return DataFrame(prepared) if isinstance(prepared, dict) else DataFrame(prepared, columns=columns)


def _matrix(prepared: Any) -> Any:
    if isinstance(prepared, dict):
        return np.column_stack(list(prepared.values()))
    if not hasattr(prepared, "columns"):
        return prepared
    values = prepared.to_numpy()
    if values.dtype == object and all(dtype.kind in "iufb" for dtype in prepared.dtypes):
        return prepared.to_numpy(np.float64, na_value=np.nan)  # pandas' own nullable numbers
    return values

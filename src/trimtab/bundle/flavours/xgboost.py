"""XGBoost: UBJSON and JSON model files, boosters and scikit-learn wrappers; always served as a booster."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.sources import (
    copied,
    declared,
    fail,
    framework,
    has_suffix,
    head,
    no_method,
    peek,
    reason,
    roots,
    seen,
)
from trimtab.bundle.flavours.xgboost_model import BoosterModel, config_of
from trimtab.bundle.predictor import Model

__all__ = ["Xgboost"]

_SUFFIXES: Final = frozenset({".json", ".ubj", ".xgb"})
_SHARED: Final = frozenset({".bst", ".model"})  # also used for LightGBM
_FILES: Final = frozenset({"model.json", "model.ubj"})
_CHANCES: Final = frozenset({"binary:logistic", "multi:softprob"})


class Xgboost:
    """Gradient boosting by XGBoost; the default method is `predict_proba` for a classification objective.

    `predict` is what the source's own class means by it: labels from a classifier wrapper, `Booster.predict` of all
    trees from a booster. Otherwise early stopping counts: trees after the best iteration are not used.
    Options: `file`, `method`, `answer`, `trees` (0: all), `missing` if it is not NaN, `classes`.
    """

    name = "xgboost"

    def detect(self, source: object) -> bool:
        """A file by its suffix; an object by its classes."""
        shared = isinstance(source, Path) and has_suffix(source, _SHARED) and peek(source).startswith(b"{")
        return shared or has_suffix(source, _SUFFIXES) or "xgboost" in roots(source)

    def open(self, source: object, method: str) -> Model:
        """The booster as it is, or read from its file."""
        booster, options = _opened(source, method)
        return BoosterModel.of(booster, options)

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """A file is copied as it is; an object becomes UBJSON."""
        booster, options = _opened(source, method)
        if isinstance(source, Path):
            name = "model.ubj" if _is_ubjson(source) else "model.json"
            return {"file": copied(source, folder, name), **options}
        (folder / "model.ubj").write_bytes(booster.save_raw("ubj"))
        return {"file": "model.ubj", **options}

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The booster from its file."""
        return BoosterModel.of(_read(declared(folder, options.get("file"), _FILES)), options)


def _opened(source: object, method: str) -> tuple[Any, dict[str, Any]]:
    """The booster of a source and all that a later load must know of it."""
    if isinstance(source, Path):
        booster = _read(source)
        wrapper = json.loads(booster.attr("scikit_learn") or "{}").get("_estimator_type", "")
        missing = math.nan
    elif hasattr(source, "get_booster"):
        booster = source.get_booster()
        wrapper = "classifier" if framework("sklearn.base").is_classifier(source) else "other"
        missing = float(getattr(source, "missing", math.nan))
    else:
        booster, wrapper, missing = source, "", math.nan
    options = _chosen(booster, wrapper, method)
    if not math.isnan(missing):
        options["missing"] = missing
    return booster, options


def _chosen(booster: Any, wrapper: str, method: str) -> dict[str, Any]:
    """The method, the shape of its answer and the number of trees."""
    config = config_of(booster)
    objective = config["objective"]["name"]
    classes = int(config["learner_model_param"]["num_class"])
    several = int(config["learner_model_param"].get("num_target", "1")) > 1
    offered = ["predict", "predict_proba"] if objective in _CHANCES | {"multi:softmax"} else ["predict"]
    if method and method not in offered:
        raise no_method(method, offered, f"an XGBoost model of objective `{objective}`")
    chosen = method or offered[-1]
    plain = method == "predict" and not wrapper
    if chosen == "predict_proba":
        answer = "softmax" if objective == "multi:softmax" else "probability"
    elif wrapper == "classifier" and objective != "multi:softmax":
        answer = "labels" if several else "label"
    else:
        answer = "probability" if objective in _CHANCES and plain else "value"
    best = booster.attr("best_iteration")
    options = {"method": chosen, "answer": answer, "trees": 0 if plain or best is None else int(best) + 1}
    return {**options, "classes": {"probability": list(range(classes))}} if _has_names(answer, classes) else options


def _has_names(answer: str, classes: int) -> bool:
    return answer in ("probability", "softmax") and classes > 2  # noqa: PLR2004  # two classes are one chance


def _is_ubjson(path: Path) -> bool:
    """UBJSON rather than JSON, by the first bytes; P223 when it is neither."""
    start = head(path, 4096)
    if start.startswith(b"{") and start[1:2] in (b"L", b"l", b"i", b"U", b"I", b"$", b"#"):
        return True
    if start.lstrip().startswith(b"{") and b'"learner"' in start:
        return False
    raise seen(path, "an XGBoost model (UBJSON, or JSON with a `learner`)")


def _read(path: Path) -> Any:
    _is_ubjson(path)
    xgboost = framework("xgboost")
    try:
        return xgboost.Booster(model_file=bytearray(path.read_bytes()))
    except xgboost.core.XGBoostError as error:
        raise fail("P225", f"`{path.name}` cannot be read: {reason(error)}", path) from error

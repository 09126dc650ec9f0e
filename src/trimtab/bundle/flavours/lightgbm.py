"""LightGBM: text model files, boosters and scikit-learn wrappers; always served as a booster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.estimator import plain_classes
from trimtab.bundle.flavours.lightgbm_model import BoosterModel
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
from trimtab.bundle.predictor import Model

__all__ = ["Lightgbm"]

_SUFFIXES: Final = frozenset({".lgb", ".txt"})
_SHARED: Final = frozenset({".bst", ".model"})  # also used for XGBoost
_CHANCES: Final = frozenset({"binary", "multiclass", "multiclassova"})
_FILE: Final = "model.txt"


class Lightgbm:
    """Gradient boosting by LightGBM; the default method is `predict_proba` for a classification objective.

    `predict` is what the source's own class means by it: labels from a classifier wrapper, `Booster.predict` from a
    booster. A model stopped early has only the trees up to its best iteration in its file.
    Options: `file`, `method`, `answer`, `labels` (of a classifier wrapper), `classes`.
    """

    name = "lightgbm"

    def detect(self, source: object) -> bool:
        """A file by its suffix; an object by its classes."""
        shared = isinstance(source, Path) and has_suffix(source, _SHARED) and peek(source).startswith(b"tree")
        return shared or has_suffix(source, _SUFFIXES) or "lightgbm" in roots(source)

    def open(self, source: object, method: str) -> Model:
        """The booster as it is, or read from its file."""
        booster, text = _opened(source)
        return BoosterModel.of(booster, _chosen(source, booster, text, method))

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """A file is copied as it is; an object becomes LightGBM's text."""
        booster, text = _opened(source)
        options = _chosen(source, booster, text, method)
        if isinstance(source, Path):
            copied(source, folder, _FILE)
        else:
            # the number of cores of the training machine says nothing about the model
            text = re.sub(r"(?m)^\[num_threads: -?\d+\]$", "[num_threads: 0]", booster.model_to_string())
            (folder / _FILE).write_text(text, encoding="utf-8")
        return {"file": _FILE, **options}

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The booster from its file."""
        return BoosterModel.of(_read(declared(folder, options.get("file"), {_FILE})), options)


def _opened(source: object) -> tuple[Any, str]:
    """The booster of a source and the beginning of its text."""
    if isinstance(source, Path):
        return _read(source), head(source, 1 << 16).decode("utf-8", "replace")
    booster: Any = getattr(source, "booster_", source)
    return booster, booster.model_to_string(num_iteration=1)


def _chosen(source: object, booster: Any, text: str, method: str) -> dict[str, Any]:
    """The method, the shape of its answer, the class names."""
    found = re.search(r"(?m)^objective=(\w+)", text)
    objective = found.group(1) if found else "custom"
    classes = getattr(source, "classes_", None)
    offered = ["predict", "predict_proba"] if objective in _CHANCES else ["predict"]
    if method and method not in offered:
        raise no_method(method, offered, f"a LightGBM model of objective `{objective}`")
    chosen = method or offered[-1]
    options: dict[str, Any] = {"method": chosen, "answer": "value"}
    if method == "predict" and classes is not None and objective != "custom":
        return {**options, "answer": "label", "labels": plain_classes(classes)}
    if objective in _CHANCES:
        options["answer"] = "probability"
        count = booster.num_model_per_iteration()
        if count > 1:
            names = list(range(count)) if classes is None else plain_classes(classes)
            options["classes"] = {"probability": names}
    return options


def _read(path: Path) -> Any:
    if not head(path).startswith((b"tree\n", b"tree\r")):
        raise seen(path, "a LightGBM text model (first line `tree`)")
    lightgbm = framework("lightgbm")
    try:
        # from text, not by name: LightGBM would print its own complaint to the terminal
        text = path.read_text(encoding="utf-8")
        if "\nend of trees" not in text:
            # LightGBM would not raise an error, it would abort the whole process
            raise fail("P225", f"`{path.name}` cannot be read: it is cut off, there is no `end of trees`", path)
        return lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise fail("P225", f"`{path.name}` cannot be read: {reason(error)}", path) from error

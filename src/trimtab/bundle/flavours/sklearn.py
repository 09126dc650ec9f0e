"""scikit-learn: estimators and pipelines, in memory or in a joblib, pickle or skops file."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.archives import members
from trimtab.bundle.flavours.estimator import EstimatorModel, chosen_method, class_names
from trimtab.bundle.flavours.pickles import pickle_format, refuse_main, steady_pickle
from trimtab.bundle.flavours.skops_file import content, steady
from trimtab.bundle.flavours.sources import copied, declared, fail, framework, has_suffix, head, reason, roots, seen
from trimtab.bundle.predictor import Model

__all__ = ["Sklearn"]

_PICKLES: Final = frozenset({".joblib", ".pickle", ".pkl"})
_SUFFIXES: Final = _PICKLES | {".skops"}
_NAMES: Final = {"joblib": "model.joblib", "pickle": "model.pkl", "skops": "model.skops"}


class Sklearn:
    """Anything with scikit-learn's interface; the default method is `predict_proba`, else `predict`, else `transform`.

    Options: `format` joblib, pickle or skops; `trusted` the types that the skops file needs beyond skops' own list;
    `method`; `classes` the class names of each output with three columns and more.
    """

    name = "sklearn"

    def detect(self, source: object) -> bool:
        """A file by its suffix; an object by its classes, unless a gradient booster has a flavour of its own."""
        found = roots(source)
        return has_suffix(source, _SUFFIXES) or ("sklearn" in found and not found & {"xgboost", "lightgbm"})

    def open(self, source: object, method: str) -> Model:
        """The estimator as it is, or read from its file."""
        estimator = _read(source, _format(source), None) if isinstance(source, Path) else source
        return EstimatorModel.of(estimator, chosen_method(estimator, method))

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """A file is copied as it is; an object becomes a skops file, or joblib's where skops cannot hold it."""
        if isinstance(source, Path):
            kind = _format(source)
            trusted = _untrusted(source) if kind == "skops" else []
            estimator = _read(source, kind, trusted)
            chosen = chosen_method(estimator, method)
            copied(source, folder, _NAMES[kind])
        else:
            estimator = source
            chosen = chosen_method(estimator, method)
            kind, trusted = _write(estimator, folder)
        options: dict[str, Any] = {"format": kind, "method": chosen}
        if kind == "skops":
            options["trusted"] = trusted
        if classes := class_names(estimator, chosen):
            options["classes"] = classes
        return options

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The estimator from its file; a skops file with exactly the types trusted when it was packaged."""
        kinds = {file: kind for kind, file in _NAMES.items()}
        path = declared(folder, _NAMES.get(options.get("format", "")), kinds)
        kind = kinds[path.name]
        if _format(path) != kind:
            raise seen(path, f"a file of the format `{kind}`")
        estimator = _read(path, kind, options.get("trusted", []))
        return EstimatorModel.of(estimator, options["method"])


def _format(path: Path) -> str:
    """joblib, pickle or skops: by the declared suffix, confirmed by the first bytes."""
    start = head(path)
    if path.suffix.lower() == ".skops":
        if not start.startswith(b"PK\x03\x04"):
            raise seen(path, "a skops file (a zip archive)")
        members(path)
        return "skops"
    kind = pickle_format(path)
    if not kind:
        raise seen(path, "a pickle or a joblib file")
    return kind


def _read(path: Path, kind: str, trusted: list[str] | None) -> Any:
    """The estimator in the file; P225 when it cannot be read or is no estimator."""
    load = _loader(kind, _untrusted(path) if kind == "skops" and trusted is None else trusted or [])
    try:
        estimator = load(path)
    except (ModuleNotFoundError, AttributeError) as error:
        hint = "its own classes must be importable from a module: put that module beside the model, not in `__main__`"
        raise fail("P225", f"`{path.name}` needs code that is not here: {reason(error)}", path, hint) from error
    except Exception as error:
        raise fail("P225", f"`{path.name}` cannot be read: {reason(error)}", path) from error
    if not hasattr(estimator, "predict") and not hasattr(estimator, "transform"):
        what = f"`{path.name}` holds a `{type(estimator).__name__}` that can neither predict nor transform"
        raise fail("P225", what, path, "save the fitted estimator or pipeline itself")
    return estimator


def _loader(kind: str, trusted: list[str]) -> Callable[[Path], Any]:
    """What reads a file of that format; the formats' packages are asked for here, so that a missing one is named."""
    framework("sklearn")
    if kind == "skops":
        skops = framework("skops.io")
        return lambda path: skops.load(path, trusted=trusted)
    if kind == "joblib":
        joblib_load: Callable[[Path], Any] = framework("joblib").load
        return joblib_load
    return _unpickled


def _unpickled(path: Path) -> Any:
    import pickle  # the user's own model; a bundle's digests are checked before anything is loaded

    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301  # as above


def _untrusted(path: Path) -> list[str]:
    try:
        return sorted(framework("skops.io").get_untrusted_types(file=path))
    except Exception as error:
        raise fail("P225", f"`{path.name}` cannot be read: {reason(error)}", path) from error


def _write(estimator: Any, folder: Path) -> tuple[str, list[str]]:
    """The format written and the types a skops file needs; skops only if what is read back is what was written."""
    skops = framework("skops.io")
    try:
        data = steady(skops.dumps(estimator))
        trusted = sorted(skops.get_untrusted_types(data=data))
        same = content(skops.dumps(skops.load(io.BytesIO(data), trusted=trusted))) == content(data)
    except Exception:  # noqa: BLE001  # skops refuses in many ways; joblib then either holds the model or says why not
        same = False
    if not same:
        (folder / _NAMES["joblib"]).write_bytes(steady_pickle(estimator))
        return "joblib", []
    refuse_main(data, estimator)
    (folder / _NAMES["skops"]).write_bytes(data)
    return "skops", trusted

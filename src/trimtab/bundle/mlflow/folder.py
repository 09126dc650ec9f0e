"""An MLflow model folder read as a source, from its `MLmodel` file and without MLflow.

Answers are those of MLflow's own `pyfunc.predict`: labels, not probabilities, from a classifier of scikit-learn,
XGBoost or LightGBM, unless `[model] method` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.sources import fail, framework, head, reason
from trimtab.bundle.flavours.torch_file import kind_of
from trimtab.bundle.mlflow.signature import inputs_of, read_example
from trimtab.core.errors import UserError
from trimtab.core.signature import Container, Field

__all__ = ["MlflowSource", "read_mlflow"]

_SAVE_EXPORTED: Final = '`mlflow.pytorch.save_model(model, path, input_example=..., serialization_format="pt2")`'


@dataclass(frozen=True, slots=True)
class MlflowSource:
    """The model inside the folder, and what MLflow wrote beside it.

    method: what stands for MLflow's `predict` in the flavour. code: folders to import the model's own modules from.
    inputs: empty when the model has no signature of columns or tensors. example: rows as a DataFrame, an array or a
    dict of arrays, in the dtypes of the signature; None without one.
    """

    source: Path
    flavour: str
    method: str
    code: tuple[Path, ...] = ()
    inputs: tuple[Field, ...] = ()
    container: Container = "frame"
    example: Any = None


def read_mlflow(folder: Path) -> MlflowSource:
    """The model that the folder's `MLmodel` describes; P218 when it is none that can be served without MLflow."""
    described = _described(folder)
    flavors: Mapping[str, Any] = described["flavors"]
    name = next((name for name in _INNER if isinstance(flavors.get(name), dict)), "")
    if not name:
        raise _refused(folder, flavors)
    pyfunc = flavors.get("python_function") or {}
    source, flavour, method = _INNER[name](folder, flavors[name], pyfunc)
    code = flavors[name].get("code") or pyfunc.get("code")
    found = inputs_of(described.get("signature") or {}, folder)
    example = read_example(folder, described.get("saved_input_example_info") or {}, found.inputs)
    folders = (_inside(folder, code),) if code else ()
    return MlflowSource(source, flavour, method, folders, found.inputs, found.container, example)


def _described(folder: Path) -> dict[str, Any]:
    path = folder / "MLmodel"
    head(path)
    yaml = framework("yaml")
    try:
        described = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise fail("P218", f"the `MLmodel` file is not YAML: {reason(error)}", path) from error
    if not isinstance(described, dict) or not isinstance(described.get("flavors"), dict):
        raise fail("P218", "the `MLmodel` file names no flavors", path)
    return described


def _refused(folder: Path, flavors: Mapping[str, Any]) -> UserError:
    """What the folder holds instead of a model that its framework can load alone."""
    pyfunc = flavors.get("python_function")
    if isinstance(pyfunc, dict) and (pyfunc.get("python_model") or pyfunc.get("model_code_path")):
        what = "the MLflow model is Python code (`python_function`) that needs MLflow itself to run"
        hint = 'package the code as a function or class instead: `[model] path = "module:name"`'
        return fail("P218", what, folder, hint)
    names = ", ".join(f"`{name}`" for name in sorted(flavors)) or "none"
    accepted = ", ".join(f"`{name}`" for name in _INNER)
    return fail("P218", f"the MLflow model has the flavors {names}", folder, f"accepted: {accepted}")


def _sklearn(folder: Path, own: Mapping[str, Any], pyfunc: Mapping[str, Any]) -> tuple[Path, str, str]:
    file = own.get("pickled_model") or pyfunc.get("model_path") or "model.pkl"
    return _inside(folder, file), "sklearn", pyfunc.get("predict_fn") or "predict"


def _booster(flavour: str) -> Callable[[Path, Mapping[str, Any], Mapping[str, Any]], tuple[Path, str, str]]:
    """XGBoost or LightGBM: a model file, or a scikit-learn wrapper in a skops or pickle file."""

    def inner(folder: Path, own: Mapping[str, Any], pyfunc: Mapping[str, Any]) -> tuple[Path, str, str]:
        path = _inside(folder, own.get("data") or pyfunc.get("data") or "")
        wrapped = path.suffix in (".skops", ".pkl", ".pickle")
        return path, "sklearn" if wrapped else flavour, "predict"

    return inner


def _onnx(folder: Path, own: Mapping[str, Any], pyfunc: Mapping[str, Any]) -> tuple[Path, str, str]:
    return _inside(folder, own.get("data") or pyfunc.get("data") or "model.onnx"), "onnx", ""


def _pytorch(folder: Path, own: Mapping[str, Any], pyfunc: Mapping[str, Any]) -> tuple[Path, str, str]:
    data = _inside(folder, own.get("model_data") or pyfunc.get("data") or "data")
    for name in ("model.pt2", "model.pth", "model.pt"):
        if (data / name).is_file():
            try:
                kind_of(data / name)
            except UserError as error:
                what = f"the MLflow model holds no model that PyTorch can load alone: {error.problems[0].what}"
                raise fail("P218", what, data / name, f"save it with {_SAVE_EXPORTED}") from error
            return data / name, "torch", ""
    raise fail("P218", "the MLflow model has no `model.pt2` or `model.pth`", data)


def _inside(folder: Path, name: str) -> Path:
    """A path that the `MLmodel` file names, which must lie in the folder."""
    path = folder / name
    if not name or not path.resolve().is_relative_to(folder.resolve()) or not path.exists():
        raise fail("P218", f"the `MLmodel` file names `{name}`, which is not in the folder", folder)
    return path


_INNER: Final[Mapping[str, Callable[[Path, Mapping[str, Any], Mapping[str, Any]], tuple[Path, str, str]]]] = {
    "sklearn": _sklearn,
    "xgboost": _booster("xgboost"),
    "lightgbm": _booster("lightgbm"),
    "onnx": _onnx,
    "pytorch": _pytorch,
}

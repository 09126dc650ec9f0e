"""How each framework's models are recognised, saved and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.flavours.lightgbm import Lightgbm
from trimtab.bundle.flavours.onnx import Onnx
from trimtab.bundle.flavours.python import Python
from trimtab.bundle.flavours.sklearn import Sklearn
from trimtab.bundle.flavours.sources import fail, head
from trimtab.bundle.flavours.torch import Torch
from trimtab.bundle.flavours.xgboost import Xgboost
from trimtab.bundle.predictor import Flavour
from trimtab.core.errors import did_you_mean

__all__ = ["FLAVOURS", "detect_flavour", "flavour_named", "output_classes"]

FLAVOURS: Final[Mapping[str, Flavour]] = {
    flavour.name: flavour for flavour in (Sklearn(), Xgboost(), Lightgbm(), Onnx(), Torch(), Python())
}
_ACCEPTED: Final = (
    "a `.joblib`, `.pkl`, `.pickle` or `.skops` file (sklearn), `.ubj` or `.json` (xgboost), `.txt` (lightgbm), "
    "`.onnx`, `.pt`, `.pth`, `.ts` or `.pt2` (torch), a trained object of one of these, or `module:name` (python)"
)


def flavour_named(name: str) -> Flavour:
    """The flavour of that name; P222 names the nearest one."""
    if name not in FLAVOURS:
        raise fail("P222", f"no flavour `{name}`", "[model] flavour", did_you_mean(name, FLAVOURS))
    return FLAVOURS[name]


def detect_flavour(source: object) -> Flavour:
    """The one flavour that the source belongs to, without importing a framework; P221 when none or several do."""
    found = [flavour for flavour in FLAVOURS.values() if flavour.detect(source)]
    if len(found) == 1:
        return found[0]
    if isinstance(source, Path):
        head(source)  # no file, a folder and an empty file have their own answer
        where, what = str(source), f"the file `{source.name}`"
    else:
        where, what = "", f"`{source}`" if isinstance(source, str) else f"a `{_class_name(source)}`"
    if found:
        names = ", ".join(f"`{flavour.name}`" for flavour in found)
        raise fail("P221", f"{what} could be any of {names}", where, f'`[model] flavour = "{found[0].name}"` decides')
    hint = f'accepted: {_ACCEPTED}; `[model] flavour = "..."` decides for another suffix'
    raise fail("P221", f"{what} is of no known flavour", where, hint)


def output_classes(options: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The class that each column of an output stands for, by output name, from the options that `save` returned."""
    return {name: tuple(values) for name, values in options.get("classes", {}).items()}


def _class_name(source: object) -> str:
    return f"{type(source).__module__}.{type(source).__qualname__}"

"""What a recipe's `model` stands for: a file, an object, `module:attr`, or an MLflow folder with a model inside."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trimtab.bundle.flavours import detect_flavour
from trimtab.bundle.making.recipe import Recipe
from trimtab.core.signature import Container, Field

__all__ = ["ModelSource", "find_source", "modules_of"]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """What the flavour packages, and what came with it.

    code: folders of modules that the model brought along. fields, container, sample: inputs stated beside the model.
    """

    source: object
    flavour: str
    method: str = ""
    code: tuple[Path, ...] = ()
    fields: tuple[Field, ...] = ()
    container: Container = "frame"
    sample: object = None


def find_source(recipe: Recipe) -> ModelSource:
    """The source of the recipe's model; raises UserError when no flavour can package it."""
    model = recipe.model
    if isinstance(model, Path) and (model / "MLmodel").is_file():
        from trimtab.bundle.mlflow.folder import read_mlflow

        found = read_mlflow(model)
        method = recipe.method or found.method
        flavour = recipe.flavour or found.flavour
        return ModelSource(
            found.source, flavour, method, found.code, found.inputs, container=found.container, sample=found.example
        )
    return ModelSource(model, recipe.flavour or detect_flavour(model).name, recipe.method)


def modules_of(model: object) -> frozenset[str]:
    """Dotted names of the modules whose classes and functions an object in memory is made of, as pickle finds them.

    Empty for a path or a text, and for an object that cannot be taken apart.
    """
    if isinstance(model, (str, Path)):
        return frozenset()
    names: set[str] = set()

    class Note(pickle.Pickler):
        """Notes where everything comes from; nothing is kept of what is written."""

        def persistent_id(self, obj: Any) -> None:
            names.add(str(getattr(obj, "__module__", "") or ""))
            names.add(type(obj).__module__)

    try:
        Note(_Nowhere(), protocol=5).dump(model)
    except Exception:  # noqa: BLE001  # an object may refuse in any way; its class is known all the same
        names |= {base.__module__ for base in type(model).__mro__}
    return frozenset(names - {""})


class _Nowhere:
    """A file that forgets."""

    def write(self, data: object) -> int:
        """As if it had been written."""
        return len(data) if isinstance(data, (bytes, bytearray)) else 0

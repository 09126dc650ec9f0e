"""The two callables that everything else is built around."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from trimtab.core.dtypes import Array
from trimtab.core.table import Table

__all__ = ["Flavour", "Model", "Outputs", "Predictor"]

Outputs: TypeAlias = dict[str, Array]


class Predictor(Protocol):
    """Preparation and model as one function of checked rows."""

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table; the first axis of each output is rows."""


class Model(Protocol):
    """A loaded model: prepared data in (DataFrame, array or dict of arrays), named arrays out."""

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name; the first axis of each is rows."""


class Flavour(Protocol):
    """How one framework's models are recognised, saved and loaded.

    A source is what a user has: a `Path` to a model file or folder, or the trained object itself.
    """

    name: str

    def detect(self, source: object) -> bool:
        """Whether this flavour can package the source; reads at most a few bytes and imports no framework."""

    def open(self, source: object, method: str) -> Model:
        """The model as it stands in this process, before packaging; `method` is empty for the flavour's default."""

    def save(self, source: object, folder: Path, method: str) -> dict[str, Any]:
        """Write the model's files into the empty folder, the same bytes each time; returns what `load` must know."""

    def load(self, folder: Path, options: Mapping[str, Any]) -> Model:
        """The model from its files and from what `save` returned."""

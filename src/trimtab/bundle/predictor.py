"""The two callables that everything else is built around."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.table import Table

__all__ = ["Flavour", "Model", "Outputs", "Parts", "Predictor", "YieldingModel", "join", "parts_of"]

Outputs: TypeAlias = dict[str, Array]
Parts: TypeAlias = Callable[[Table], Generator[Outputs, None, None]]
_MAY_BE_TEXT: Final = ("O", "U")


class Predictor(Protocol):
    """Preparation and model as one function of checked rows."""

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table; the first axis of each output is rows."""


class Model(Protocol):
    """A loaded model: prepared data in (DataFrame, array or dict of arrays), named arrays out."""

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name; the first axis of each is rows."""


@runtime_checkable
class YieldingModel(Model, Protocol):
    """A model that answers part by part; called, it gives the join of all parts."""

    def parts(self, prepared: Any) -> Generator[Mapping[str, Any], None, None]:
        """Each part has the outputs that it speaks of, for every row."""


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


def parts_of(predictor: Predictor) -> Parts | None:
    """How the predictor answers part by part; None for one that answers at once."""
    parts: Parts | None = getattr(predictor, "parts", None)
    return parts


def join(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One answer of many parts: text goes on where the row's text ended, anything else replaces what was there.

    A row without text in a part (None) keeps what it has.
    """
    whole: dict[str, Any] = {}
    for part in parts:
        for name, values in part.items():
            whole[name] = _longer(whole[name], values) if name in whole else values
    return whole


def _longer(old: Any, new: Any) -> Any:
    before, after = _texts(old), _texts(new)
    if before is None or after is None or before.shape != after.shape:
        return new
    longer = np.empty(after.size, object)
    for at, (text, more) in enumerate(zip(before.flat, after.flat, strict=True)):
        if isinstance(text, str):
            longer[at] = text + more if isinstance(more, str) else text if more is None else more
        else:
            longer[at] = more
    return longer.reshape(after.shape)


def _texts(values: Any) -> Array | None:
    """The values as an array of objects if they may be texts."""
    if isinstance(values, (list, tuple)):
        may = all(item is None or isinstance(item, str) for item in values)
    else:
        may = getattr(getattr(values, "dtype", None), "kind", "") in _MAY_BE_TEXT
    return np.asarray(values, object) if may else None

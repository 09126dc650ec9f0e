"""From a bundle's `compiled/` folder to a predictor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, assert_never

from trimtab.bundle.data.compose import Prepare, compose
from trimtab.bundle.engines.direct import direct
from trimtab.bundle.engines.linear import Linear
from trimtab.bundle.engines.native import Native, at_most, native_of
from trimtab.bundle.engines.plan import FOLDER, Plan, Stage
from trimtab.bundle.engines.reading import damaged
from trimtab.bundle.predictor import Model, Outputs, Predictor
from trimtab.core.dtypes import Array
from trimtab.core.signature import Signature
from trimtab.core.table import Table

__all__ = ["ByRows", "Staged", "joined", "load_engine", "load_model", "predictor_of"]


class _Native(Protocol):
    """An engine of a last stage."""

    @property
    def count(self) -> int:
        """The number of columns that it is asked with."""

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""


def load_model(folder: Path, stage: Stage) -> _Native:
    """The engine of the last stage; raises ImportError or OSError where it cannot run on this machine.

    Its files and options are checked wholly: P289 or P291 for what could make it ask for a place that is not there.
    """
    path = folder / FOLDER / stage.file
    match stage.kind:
        case "linear":
            return Linear.load(path)
        case "forest":
            from trimtab.bundle.engines.forest import ForestModel

            return ForestModel.load(path, stage.options)
        case "graph":
            from trimtab.bundle.engines.graph import GraphModel

            return GraphModel.load(path, stage.options)
        case "python" | "columns":
            msg = "preparation is no model"
            raise ValueError(msg)
    assert_never(stage.kind)


def load_engine(folder: Path, plan: Plan) -> Model:
    """All native stages as one model; raises as `load_model`."""
    model = load_model(folder, plan.model)
    stage = next((stage for stage in plan.stages if stage.kind == "columns"), None)
    if stage is None:
        return model
    from trimtab.bundle.engines.columns import Columns

    columns = Columns.load(folder / FOLDER / stage.file)
    if columns.width != model.count:
        what = f"it makes {columns.width} columns, and the model takes {model.count}"
        raise damaged(stage.file, [("steps", what)])
    return Staged(columns, model)


@dataclass(frozen=True, slots=True)
class Staged:
    """A column stage and the model that is asked with its matrix."""

    columns: Callable[[Any], Array]
    model: Model

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""
        return self.model(self.columns(prepared))


def predictor_of(folder: Path, plan: Plan, signature: Signature, prepare: Prepare | None) -> Predictor:
    """The compiled form of a bundle; prepare is the user's function where the plan has a stage in Python."""
    return joined(replace(signature, container=plan.container), prepare, load_engine(folder, plan))


def joined(signature: Signature, prepare: Prepare | None, model: Model) -> Predictor:
    """Preparation and a native model as one function; without preparation nothing is copied on the way."""
    return direct(signature, model) if prepare is None else compose(signature, prepare, model)


@dataclass(frozen=True, slots=True)
class ByRows:
    """One predictor for few rows, another from `limit` rows on."""

    few: Predictor
    many: Predictor
    limit: int

    @property
    def native(self) -> Native | None:
        """Of what answers few."""
        return at_most(native_of(self.few), self.limit - 1)

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row of the table."""
        return (self.few if table.height < self.limit else self.many)(table)

"""Which native form a model has, and that form as a file and as a model in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.bundle.compiled.boundaries import boundaries
from trimtab.bundle.compiled.features import UnfoldableError, kind_of
from trimtab.bundle.compiled.fold import fold, is_linear
from trimtab.bundle.compiled.graphs import write_graph
from trimtab.bundle.compiled.stages import is_pipeline, stage_of, stage_of_histogram
from trimtab.bundle.compiled.trial import quietly
from trimtab.bundle.compiled.woods import (
    SKLEARN,
    is_wood,
    packed_last,
    packed_lightgbm,
    packed_sklearn,
    packed_xgboost,
    thresholds_of,
)
from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.forest import ForestOptions
from trimtab.bundle.engines.load import Staged, load_model
from trimtab.bundle.engines.plan import FOLDER, Stage, StageKind
from trimtab.bundle.engines.steps import Absent
from trimtab.bundle.flavours.estimator import EstimatorModel
from trimtab.bundle.forest.file import save
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.manifest import canonical
from trimtab.bundle.predictor import Model
from trimtab.core.dtypes import Array

__all__ = ["Converted", "UnfoldableError", "convert", "never"]

_COLUMNS: Final = "columns.json"
_NATIVE: Final = {
    "onnx": "an ONNX model is native as it is",
    "torch": "a TorchScript module stays as it is",
    "python": "plain Python has no native form",
}


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """The stage, its engine loaded from the file that was written, and what its proof must know.

    names: of the model's columns, if it knows them; thresholds: of trees, by the number of the column.
    """

    stage: Stage
    model: Model
    names: tuple[str, ...] | None = None
    thresholds: Mapping[int, Array] = field(default_factory=dict)
    columns: Stage | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What stands for the model, in order."""
        return (self.stage,) if self.columns is None else (self.columns, self.stage)


def never(flavour: str) -> str:
    """Why no model of the flavour has a native form; empty where some have."""
    return _NATIVE.get(flavour, "")


def convert(flavour: str, model: Model, options: Mapping[str, Any], given: Any, folder: Path) -> Converted:
    """Write the native form below the folder; raises UnfoldableError saying why there is none.

    model: as the flavour opened it. options: what the flavour's `save` returned. given: what the model is given for
    the rows of the sample.
    """
    if reason := never(flavour):
        raise UnfoldableError(reason)
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    estimator = getattr(model.call, "__self__", None) if isinstance(model, EstimatorModel) else None
    method = str(options["method"])
    if flavour == "lightgbm":
        return _forest(packed_lightgbm(model, options, given), folder)
    if flavour == "xgboost":
        return _forest(packed_xgboost(model, options, given), folder)
    if getattr(estimator, "is_categorical_", None) is not None and kind_of(estimator).startswith("Hist"):
        return _coded(model, estimator, method, given, folder)
    if kind_of(estimator) in SKLEARN:
        return _forest(packed_sklearn(estimator, method), folder)
    if estimator is not None and is_pipeline(estimator) and is_wood(estimator.steps[-1][1]):
        return _staged(model, estimator, method, given, folder)
    if is_linear(estimator):
        try:
            return _linear(estimator, method, given, folder)
        except UnfoldableError as error:
            return _unfolded(model, estimator, method, given, folder, error)
    return _graph(estimator, method, given, folder)


def _coded(model: Any, estimator: Any, method: str, given: Any, folder: Path) -> Converted:
    """Trees that look at the codes of categories; where these cannot be made, at small whole numbers themselves."""
    try:
        columns = Columns(stage_of_histogram(estimator, model.adapt(given)))
    except UnfoldableError:
        return _forest(packed_sklearn(estimator, method), folder)
    return _behind(columns, _forest(packed_sklearn(estimator, method, coded=True), folder), given, folder)


def _unfolded(model: Any, estimator: Any, method: str, given: Any, folder: Path, first: UnfoldableError) -> Converted:
    """What weights cannot take in stands before them as columns; where it cannot either, all of it is a graph."""
    if is_pipeline(estimator):
        try:
            return _staged(model, estimator, method, given, folder)
        except UnfoldableError as error:
            first = error
    return _graph(estimator, method, given, folder, first)


def _staged(model: Any, pipeline: Any, method: str, given: Any, folder: Path) -> Converted:
    spec, sparse = stage_of(pipeline, model.adapt(given))
    last = pipeline.steps[-1][1]
    if sparse and type(last).__module__.startswith("xgboost"):
        spec = msgspec.structs.replace(spec, steps=(*spec.steps, Absent()))
    columns = Columns(spec)
    with quietly():
        matrix = columns(given)
    if is_wood(last):
        return _behind(columns, _forest(packed_last(last, method, matrix), folder), given, folder)
    return _behind(columns, _linear(last, method, matrix, folder), given, folder)


def _behind(columns: Columns, made: Converted, given: Any, folder: Path) -> Converted:
    """The model behind a column stage, whose file is written; thresholds in the request's own numbers."""
    (folder / FOLDER / _COLUMNS).write_bytes(canonical(msgspec.to_builtins(columns.spec)))
    stage, names = Stage("columns", "columns", _COLUMNS), columns.spec.names
    loaded = Staged(Columns.load(folder / FOLDER / _COLUMNS), made.model)
    with quietly():
        thresholds = boundaries(columns, given, made.thresholds)
    return replace(made, model=loaded, names=names, thresholds=thresholds, columns=stage)


def _linear(estimator: Any, method: str, given: Any, folder: Path) -> Converted:
    spec = fold(estimator, method, given)
    (folder / FOLDER / "model.json").write_bytes(canonical(msgspec.to_builtins(spec)))
    return _loaded(folder, "linear", "model.json", {}, names=spec.names)


def _forest(made: tuple[Forest, ForestOptions], folder: Path) -> Converted:
    forest, options = made
    file = save(forest, folder / FOLDER).name
    thresholds = thresholds_of(forest)
    plain = msgspec.to_builtins(options)
    return _loaded(folder, "forest", file, plain, names=options.names, thresholds=thresholds)


def _graph(estimator: Any, method: str, given: Any, folder: Path, first: UnfoldableError | None = None) -> Converted:
    """The ONNX form; where there is none either, why the better form could not be is what counts."""
    try:
        file, options = write_graph(estimator, method, given, folder / FOLDER)
    except UnfoldableError as error:
        raise first or error from None
    try:
        return _loaded(folder, "graph", file, msgspec.to_builtins(options))
    except Exception as error:  # ONNX Runtime has kernels for some datatypes only
        raise first or UnfoldableError(f"ONNX Runtime cannot run `{type(estimator).__name__}` in FP64") from error


def _loaded(folder: Path, kind: StageKind, file: str, options: dict[str, Any], **known: Any) -> Converted:
    stage = Stage("model", kind, file, options)
    return Converted(stage, load_model(folder, stage), **known)

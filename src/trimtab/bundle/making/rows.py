"""Rows to record golden answers for: the user's sample, or rows made up for a model that knows its own inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trimtab.bundle.making.model import ModelSource
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.sample.merge import with_overrides
from trimtab.bundle.sample.read import read_sample
from trimtab.core.check import check
from trimtab.core.dtypes import DTYPES, Array, is_float
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Container, Field, Signature
from trimtab.core.table import Table

__all__ = ["Rows", "made_up", "rows_for"]

_SEED = 20
_FREE_AXIS = 3  # the size tried for an axis that the model leaves open


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Input fields, rows of them, and whether the rows were made up rather than given."""

    fields: tuple[Field, ...]
    container: Container
    table: Table
    invented: bool = False


def rows_for(recipe: Recipe, source: ModelSource) -> Rows:
    """The rows of the sample, else of the MLflow model's example, else made up from the model's own fields.

    Raises UserError (P285) when there is none of these.
    """
    given = recipe.sample if recipe.sample is not None else source.sample
    if given is not None:
        sample = read_sample(given, recipe.inputs)
        return Rows(sample.fields, _container(recipe, sample.container), sample.table)
    fields, container = (source.fields, source.container) if source.fields else own_fields(source.source)
    container = _container(recipe, container)
    if not fields:
        what = "there is no sample, and the model does not know its inputs"
        hint = "give a Parquet or CSV file of some rows, as they come before preparation"
        raise UserError(Problem("P285", what, "sample", hint))
    signature = Signature(with_overrides(fields, recipe.inputs), container=container)
    return Rows(signature.inputs, container, made_up(signature, recipe.golden_rows), invented=True)


def _container(recipe: Recipe, found: Container) -> Container:
    """What the recipe says, else what the sample or the model is."""
    match recipe.container:
        case "frame":
            return "frame"
        case "arrays":
            return "arrays"
    return found


def own_fields(model: object) -> tuple[tuple[Field, ...], Container]:
    """The inputs that a model file declares itself, as ONNX does; none for other kinds."""
    if not isinstance(model, Path) or model.suffix.lower() != ".onnx":
        return (), "frame"
    from trimtab.bundle.flavours.onnx import fields

    inputs, _ = fields(model)
    return inputs, "matrix" if len(inputs) == 1 else "arrays"


def made_up(signature: Signature, count: int) -> Table:
    """Rows within ranges and categories: zeros, ones, then seeded random values; the same each time."""
    return check(signature, {field.name: _values(field, count).tolist() for field in signature.inputs})


def _values(field: Field, count: int) -> Array:
    chance = np.random.default_rng(_SEED)
    shape = (count, *(_FREE_AXIS if size == -1 else size for size in field.shape[1:]))
    if field.categories is not None:
        return np.asarray(field.categories, DTYPES[field.dtype])[chance.integers(0, len(field.categories), shape)]
    if field.dtype == "BYTES":
        words = [b"a", b"b", b""] if field.kind == "bytes" else ["a", "b", ""]
        return np.array(words, object)[chance.integers(0, 3, shape)]
    if field.dtype == "BOOL":
        return chance.integers(0, 2, shape).astype(bool)
    values = chance.normal(size=shape) if is_float(field.dtype) else chance.integers(0, 10, shape).astype(float)
    values[:1], values[1:2] = 0, 1
    if field.low is not None or field.high is not None:
        values = np.clip(values, field.low, field.high)
    return values.astype(DTYPES[field.dtype])

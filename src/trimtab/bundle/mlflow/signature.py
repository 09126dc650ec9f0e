"""MLflow's signature as fields, and its input example as rows in the dtypes of that signature."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import fail, head, reason
from trimtab.core.dtypes import DTYPES, dtype_of
from trimtab.core.signature import Container, Field

__all__ = ["Inputs", "inputs_of", "read_example"]

_COLUMNS: Final[Mapping[str, dict[str, Any]]] = {
    "boolean": {"dtype": "BOOL", "frame": "bool"},
    "integer": {"dtype": "INT32", "frame": "int32"},
    "long": {"dtype": "INT64", "frame": "int64"},
    "float": {"dtype": "FP32", "frame": "float32"},
    "double": {"dtype": "FP64", "frame": "float64"},
    "string": {"dtype": "BYTES"},
    "binary": {"dtype": "BYTES", "kind": "bytes"},
    "datetime": {"dtype": "BYTES", "kind": "datetime", "frame": "datetime64[ns]"},
}
_TENSOR: Final = "input"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Fields and their container; no fields when MLflow's types are none that a row of a table can hold."""

    inputs: tuple[Field, ...] = ()
    container: Container = "frame"


def inputs_of(signature: Mapping[str, Any], folder: Path) -> Inputs:
    """The inputs of an `MLmodel` signature: named columns, named tensors, or one tensor.

    An optional column is nullable. Nested types and columns without names give no fields: a sample must tell then.
    """
    try:
        specs = json.loads(signature.get("inputs") or "[]")
        if not specs:
            return Inputs()
        if all(spec.get("type") == "tensor" for spec in specs):
            fields = tuple(_tensor(spec) for spec in specs)
            alone = len(specs) == 1 and not specs[0].get("name")
            return Inputs(fields, "matrix" if alone else "arrays")
        if any(spec.get("type") not in _COLUMNS or not isinstance(spec.get("name"), str) for spec in specs):
            return Inputs()
        return Inputs(tuple(_column(spec) for spec in specs))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise fail("P218", f"the signature in the `MLmodel` file cannot be read: {reason(error)}", folder) from error


def _column(spec: Mapping[str, Any]) -> Field:
    field = Field(spec["name"], nullable=not spec.get("required", True), **_COLUMNS[spec["type"]])
    # numpy has no null for these: pandas' own dtype is left to be found
    plain = field.nullable and field.dtype in ("BOOL", "INT32", "INT64")
    return Field(field.name, field.dtype, nullable=True) if plain else field


def _tensor(spec: Mapping[str, Any]) -> Field:
    wanted = spec["tensor-spec"]
    dtype = dtype_of(np.empty(0, np.dtype(wanted["dtype"])))
    return Field(spec.get("name") or _TENSOR, dtype, (-1, *wanted["shape"][1:]))


def read_example(folder: Path, info: Mapping[str, Any], inputs: Sequence[Field]) -> Any:
    """The input example as a DataFrame, an array or a dict of arrays; None when there is none that is rows."""
    name, kind = info.get("artifact_path"), info.get("type")
    if not name or kind not in ("dataframe", "ndarray"):
        return None
    path = folder / str(name)
    head(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "inputs" in content and (info.get("params") or kind == "ndarray"):
            content = content["inputs"]
        return _frame(content, inputs) if kind == "dataframe" else _arrays(content, inputs)
    except (KeyError, TypeError, ValueError) as error:
        raise fail("P218", f"the input example `{name}` cannot be read: {reason(error)}", path) from error


def _frame(content: Any, inputs: Sequence[Field]) -> Any:
    """A DataFrame in the dtypes of the signature; JSON has lost them."""
    import pandas as pd

    split = content if isinstance(content, dict) else {"data": content}
    frame = pd.DataFrame(split["data"], columns=split.get("columns"))
    frame.columns = frame.columns.map(str)
    known = {field.name: field for field in inputs if field.frame and field.name in frame.columns}
    for name, field in known.items():
        frame[name] = pd.to_datetime(frame[name]) if field.kind == "datetime" else frame[name].astype(field.frame)
    return frame


def _arrays(content: Any, inputs: Sequence[Field]) -> Any:
    """One array, or several by name, in the dtypes of the signature."""
    dtypes = {field.name: DTYPES[field.dtype] for field in inputs}
    if isinstance(content, dict):
        return {str(name): np.array(values, dtypes.get(str(name))) for name, values in content.items()}
    return np.array(content, dtypes.get(_TENSOR))

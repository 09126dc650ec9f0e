"""One column as a JSON tensor of the Open Inference Protocol, and back without loss by the field it belongs to."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import is_float
from trimtab.core.lists import nest
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.tensors import encode_json
from trimtab.core.values import parse_values

__all__ = ["decode_tensor", "encode_tensor"]

_BASE64: Final = {"content_type": "base64"}


def encode_tensor(field: Field, column: Column) -> dict[str, Any]:
    """`name`, `datatype`, `shape` and `data` of a column; TensorError for values that JSON cannot carry."""
    values = column.values
    tensor: dict[str, Any] = {"name": field.name, "datatype": field.dtype}
    if field.kind == "bytes" and not all(map(_is_text, values.flat)):
        tensor["parameters"] = dict(_BASE64)
        values = _as_base64(values)
    if values.ndim == 1 and -1 not in field.shape[1:]:
        return tensor | {"shape": [len(values)], "data": encode_json(values, column.missing)}
    if values.ndim > 1 and column.missing is None and -1 not in field.shape[1:]:
        return tensor | {"shape": list(values.shape), "data": encode_json(values)}
    absent = np.zeros(len(values), bool) if column.missing is None else column.missing
    rows = [None if gone else _nested(row) for row, gone in zip(values, absent.tolist(), strict=True)]
    return tensor | {"shape": [len(values), *([-1] * len(field.shape[1:]))], "data": rows}


def _is_text(value: object) -> bool:
    if not isinstance(value, bytes):
        return True
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_base64(values: Any) -> Any:
    encoded = [base64.b64encode(value).decode() if isinstance(value, bytes) else None for value in values.flat]
    array = np.empty(len(encoded), object)
    array[:] = encoded
    return array.reshape(values.shape)


def _nested(row: Any) -> list[Any] | None:
    """An array as lists as deep as its axes."""
    if row is None:
        return None
    return nest(encode_json(row), row.shape)


def decode_tensor(field: Field, tensor: Mapping[str, Any]) -> Column:
    """The column that `encode_tensor` wrote for this field; ValueError, TypeError or KeyError for any other tensor."""
    if tensor["datatype"] != field.dtype:
        msg = f"datatype {tensor['datatype']}, the signature says {field.dtype}"
        raise ValueError(msg)
    shape, data = tensor["shape"], tensor["data"]
    if len(shape) != len(field.shape):
        msg = f"shape {shape}, the signature says {list(field.shape)}"
        raise ValueError(msg)
    if tensor.get("parameters") == _BASE64:
        data = _mapped(data, lambda leaf: None if leaf is None else base64.b64decode(leaf, validate=True))
    if len(shape) > 1 and -1 not in shape:
        if len(data) != prod(shape):
            msg = f"{len(data)} values, shape {shape} needs {prod(shape)}"
            raise ValueError(msg)
        data = nest(data, shape)
    if len(data) != shape[0]:
        msg = f"{len(data)} rows, shape {shape} says {shape[0]}"
        raise ValueError(msg)
    if len(shape) > 1 and is_float(field.dtype):
        data = [row if row is None else _mapped(row, lambda leaf: np.nan if leaf is None else leaf) for row in data]
    column, faults = parse_values(data, replace(field, categories=None))
    if faults:
        msg = f"row {faults[0].row}: {faults[0].what}"
        raise ValueError(msg)
    return column


def _mapped(data: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [_mapped(item, change) if isinstance(item, list) else change(item) for item in data]

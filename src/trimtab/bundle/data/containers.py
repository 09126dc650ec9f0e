"""A table as the container that user code was written against: a pandas DataFrame, a dict of arrays, or one array.

User code may write into what it gets: nothing is shared with the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from trimtab.bundle.data.frames import framer, with_nan, with_none
from trimtab.bundle.data.outputs import fields_of, to_outputs
from trimtab.core.dtypes import Array, is_integer
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

__all__ = ["container_of", "fields_of", "to_container", "to_outputs"]


def to_container(table: Table, signature: Signature) -> Any:
    """The table in the signature's container; `container_of` once is faster than this for each request."""
    return container_of(signature)(table)


def container_of(signature: Signature) -> Callable[[Table], Any]:
    """The function that turns checked tables into the signature's container; pandas is imported for frames only."""
    if signature.container == "frame":
        return framer(signature.inputs)
    if signature.container == "matrix":
        (only,) = signature.inputs
        return lambda table: _plain(table.columns[only.name], only)
    fields = signature.inputs
    return lambda table: {field.name: _plain(table.columns[field.name], field) for field in fields}


def _plain(column: Column, field: Field) -> Array:
    """A copy of the values; nullable integers become FP64 with NaN, nullable booleans objects with None."""
    if field.nullable and len(field.shape) == 1 and is_integer(field.dtype):
        return with_nan(column, np.dtype(np.float64))
    if field.nullable and len(field.shape) == 1 and field.dtype == "BOOL":
        return with_none(column)
    return column.values.copy()

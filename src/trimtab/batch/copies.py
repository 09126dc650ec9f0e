"""Columns of the input that are copied beside the answers, where the file itself has no types (CSV, JSON lines)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trimtab.bundle.data.arrow import to_batch
from trimtab.core.check import Raw
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.values import parse_values

__all__ = ["copied", "typed_copy"]


def copied(kept: Sequence[str], fields: Mapping[str, Field], raws: Mapping[str, Raw], cells: Any) -> Any:
    """The kept columns of CSV cells: the signature's in its types, all others as the text that stands in the file."""
    import pyarrow as pa

    arrays = [typed_copy(raws[name], fields[name]) if name in fields else _text(cells.column(name)) for name in kept]
    return pa.RecordBatch.from_arrays(arrays, names=list(kept)) if kept else pa.RecordBatch.from_arrays([], names=[])


def _text(cells: Any) -> Any:
    import pyarrow as pa

    try:
        return cells.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if cell is None else cell.decode(errors="replace") for cell in cells.to_pylist()]
        return pa.array(texts, pa.string())


def typed_copy(raw: Raw, field: Field) -> Any:
    """The column in the field's type; null where it is null, and where it does not fit, which refuses the row."""
    import pyarrow as pa

    column, faults = (raw, []) if isinstance(raw, Column) else parse_values(raw, field)
    missing = np.zeros(len(column), bool) if column.missing is None else column.missing.copy()
    missing[[fault.row for fault in faults]] = True
    array = to_batch({field.name: column.values}, [field]).column(0)
    if not missing.any():
        return array
    return array.take(pa.array(np.arange(len(missing)), mask=missing))

"""One type for arrays of several, such that no value changes; text where there is none.

An answer that no signature describes may be whole numbers in one interaction and fractions in the next.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_text", "together"]


def together(arrays: Sequence[pa.Array]) -> list[pa.Array]:
    """The same arrays, all of one type; at least one. Lists without any value may be lists of anything."""
    import pyarrow as pa

    types = list(dict.fromkeys(array.type for array in arrays if array.null_count < len(array)))
    types = types or [next((array.type for array in arrays if not pa.types.is_null(array.type)), pa.null())]
    for target in _targets(types):
        try:
            return [_cast(one, target) for one in arrays]
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
    return [as_text(one.to_pylist()) for one in arrays]


def _cast(array: pa.Array, target: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if array.type == target:
        return array
    if array.null_count == len(array):
        return pa.nulls(len(array), target)
    return pa.array(array.to_pylist(), target) if pa.types.is_list(target) else array.cast(target)


def _targets(types: Sequence[pa.DataType]) -> list[pa.DataType]:
    """What all of the types may become; the widest last."""
    import pyarrow as pa

    known = [type_ for type_ in types if not pa.types.is_null(type_)]
    if known and all(map(pa.types.is_list, known)):
        inner = _targets(list(dict.fromkeys(type_.value_type for type_ in known)))
        return [pa.list_(pa.string() if pa.types.is_null(type_) else type_) for type_ in inner]
    if len(known) <= 1:
        return known or [pa.null()]
    if all(map(pa.types.is_timestamp, known)):
        return [pa.timestamp("ns"), pa.timestamp("us")]
    if all(pa.types.is_integer(type_) or pa.types.is_floating(type_) for type_ in known):
        return [pa.float64()] if any(map(pa.types.is_floating, known)) else [pa.int64(), pa.uint64()]
    return []


def as_text(values: Sequence[Any]) -> pa.Array:
    """Text as it is, anything else as JSON."""
    import pyarrow as pa

    texts = [value if value is None or isinstance(value, str) else json.dumps(value, default=_told) for value in values]
    return pa.array(texts, pa.string())


def _told(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

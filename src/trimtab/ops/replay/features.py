"""Columns of recorded rows as few whole numbers each, so that a tree over a million rows is a matter of counting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Feature", "feature_of", "features_of"]

_BINS: Final = 255
_WORDS: Final = 50_000  # distinct texts; a column with more of them names rows, not groups of rows


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One column. codes: a number a row; 0 is null, `at` stands for `labels[at - 1]`.

    ordered: labels are numbers (times as ISO 8601 text), each the least of its group. named: rows may be singled out by
    their label, as by any word, and by whole numbers of which there are few.
    """

    name: str
    codes: Array
    labels: tuple[Any, ...]
    ordered: bool = False
    named: bool = True


def features_of(columns: Iterable[tuple[str, Any]]) -> list[Feature]:
    """Those of the Arrow columns, by name, that can tell rows apart."""
    found = (feature_of(name, column) for name, column in columns)
    return [feature for feature in found if feature is not None and len(feature.labels) > 0]


def feature_of(name: str, column: Any) -> Feature | None:
    """The feature of an Arrow column; None where its values are no numbers, texts, booleans or times."""
    from pyarrow import types

    type_ = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_boolean(type_) or types.is_string(type_) or types.is_large_string(type_):
        return _words(name, column)
    if types.is_integer(type_) or types.is_floating(type_):
        return _numbers(name, column, whole=types.is_integer(type_))
    if types.is_timestamp(type_) or types.is_date(type_):
        return _times(name, column)
    return None


def _words(name: str, column: Any) -> Feature | None:
    """In the order of the words, whatever order the rows came in."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(column, pa.ChunkedArray):  # of no chunks
        return Feature(name, np.zeros(0, np.int32), ())
    words = column.dictionary.to_pylist()
    if len(words) > _WORDS:
        return None
    order = sorted((at for at, word in enumerate(words) if word is not None), key=words.__getitem__)
    places = np.zeros(len(words) + 1, np.int32)
    places[order] = np.arange(1, len(order) + 1)
    indices = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return Feature(name, places[indices], tuple(words[at] for at in order))


def _numbers(name: str, column: Any, *, whole: bool) -> Feature:
    missing = column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    codes, starts, few = _binned(values, np.asarray(missing, bool))
    labels = tuple(int(start) if whole else float(start) for start in starts)
    return Feature(name, codes, labels, ordered=True, named=whole and few)


def _times(name: str, column: Any) -> Feature:
    import pyarrow as pa

    missing = column.is_null().to_numpy(zero_copy_only=False)
    values = column.cast(pa.timestamp("us", getattr(column.type, "tz", None))).cast(pa.int64()).fill_null(0)
    codes, starts, _ = _binned(values.to_numpy(zero_copy_only=False), np.asarray(missing, bool))
    labels = np.datetime_as_string(starts.astype("datetime64[us]").astype("datetime64[s]")).tolist()
    return Feature(name, codes, tuple(labels), ordered=True, named=False)


def _binned(values: Array, missing: Array) -> tuple[Array, Array, bool]:
    """Codes, the least value of each group, and whether every value is a group, as they are where there are few."""
    there = values[~missing]
    starts = np.unique(there)
    few = len(starts) <= _BINS
    if not few:
        starts = np.unique(np.quantile(there, np.linspace(0, 1, _BINS, endpoint=False), method="lower"))
    codes = np.searchsorted(starts, values, side="right").astype(np.int32)
    codes[missing] = 0
    return codes, starts, few

"""A checked column into what its policy lets be kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias, assert_never

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.lists import split_rows
from trimtab.core.policies import Policy, misfit
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.privacy.buckets import bucket_numbers, bucket_times
from trimtab.journal.privacy.keys import Keys
from trimtab.journal.privacy.naming import octets_of

__all__ = ["Protector", "kept_field", "protector", "subjects_of"]

# of a column and the time of its question (seconds since 1970): what is kept of it
Protector: TypeAlias = Callable[[Column, float], Column | None]


def kept_field(field: Field, policy: Policy) -> Field | None:
    """What the column is like once it is protected; None when nothing of it is kept."""
    match policy.kind:
        case "keep":
            return field
        case "drop":
            return None
        case "hash" | "tokenise":
            return Field(field.name, "BYTES", field.shape, field.nullable)
        case "bucket":
            return replace(field, low=None, high=None, categories=None)
        case _:
            assert_never(policy.kind)


def protector(field: Field, policy: Policy, keys: Keys) -> Protector:
    """What turns checked columns of this field into what may be kept; ValueError for a policy that does not fit.

    A null stays null. Lists stay lists, value by value. Times are those of `datetime64`.
    """
    why = misfit(field, policy)
    if why:
        raise ValueError(why)
    match policy.kind:
        case "keep":
            return lambda column, _: column
        case "drop":
            return lambda _column, _time: None
        case "hash":
            return lambda column, time: _named(column, keys.hashes(field.name, time))
        case "tokenise":
            tokens = keys.tokens(field.name)
            return lambda column, _: _named(column, tokens)
        case "bucket":
            bucket = bucket_times(policy.unit) if policy.unit else bucket_numbers(policy.width or 0, field.dtype)
            return lambda column, _: _bucketed(column, bucket)
        case _:
            assert_never(policy.kind)


def subjects_of(column: Column, keys: Keys) -> tuple[str, ...]:
    """Whom each row is about, as the journal calls them, empty for nobody; a row holds one value."""
    names, missing = _Names(keys.subject), _missing(column)
    told = map(names.__getitem__, _plain(column.values).tolist())
    if missing is None:
        return tuple(told)
    return tuple("" if absent else name for name, absent in zip(told, missing.tolist(), strict=True))


class _Names(dict[Any, str]):
    """Values to their names; each is made once."""

    def __init__(self, name: Callable[[bytes], str]) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, value: object) -> str:
        name = self[value] = self._name(octets_of(value))
        return name


def _named(column: Column, name: Callable[[bytes], str]) -> Column:
    names, values, missing = _Names(name), column.values, _missing(column)
    if values.dtype.kind == "O" and any(isinstance(item, np.ndarray) for item in values.flat):
        lists = (None if item is None else _texts(item, names) for item in values)
        return Column(split_rows(lists), missing)
    texts = _texts(values, names)
    if missing is not None:
        texts[missing] = None
    return Column(texts, missing)


def _missing(column: Column) -> Array | None:
    """Null rows; NaN and NaT are null also where nobody has said so, as in what a model answers."""
    if column.missing is not None or column.values.ndim > 1 or column.values.dtype.kind not in "fM":
        return column.missing
    nan = np.isnat(column.values) if column.values.dtype.kind == "M" else np.isnan(column.values)
    return nan if nan.any() else None


def _texts(values: Array, names: _Names) -> Array:
    texts = np.empty(values.size, object)
    texts[:] = [names[value] for value in _plain(values).ravel().tolist()]
    return texts.reshape(values.shape)


def _plain(values: Array) -> Array:
    """Times as text: as Python objects some would be numbers."""
    return np.datetime_as_string(values) if values.dtype.kind == "M" else values


def _bucketed(column: Column, bucket: Callable[[Array], Array]) -> Column:
    values = column.values
    if values.dtype.kind == "O":
        items: Iterable[Array | None] = values
        return Column(split_rows(None if item is None else bucket(item) for item in items), column.missing)
    return type(column)(bucket(values), column.missing)

"""Rows of several shapes as one table: revisions of a model differ in their columns, and in what a column is.

A column that some rows lack is null there. Where its types differ it becomes what can hold both, never a failure:
integers the wider integer, other numbers double, times a time in UTC, lists a list, and anything else text.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trimtab.journal.query.duck import name_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Part", "Shape", "common", "names_in_sql", "shape_of", "union"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of some rows: Arrow types by name, in order."""

    columns: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one shape, and what SQL calls them: a table, or a function that reads files."""

    source: str
    shape: Shape


def shape_of(schema: pa.Schema) -> Shape:
    """The shape of rows with that schema."""
    return Shape(tuple((field.name, _plain(field.type)) for field in schema))


def union(parts: Sequence[Part], base: Sequence[tuple[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A query for the rows of all parts, and its columns: those of `base`, then inputs, outputs, and any others.

    base: columns that are there even where no part is.
    """
    types: dict[str, list[Any]] = {name: [type_] for name, type_ in base}
    for part in parts:
        for name, type_ in part.shape.columns:
            types.setdefault(name, []).append(type_)
    first = {name for name, _ in base}
    columns = {name: common(found) for name, found in sorted(types.items(), key=lambda one: _rank(one[0], first))}
    names = dict(zip(columns, map(name_of, names_in_sql(columns)), strict=True))
    if not parts:
        nothing = ", ".join(f"CAST(NULL AS {sql_type(type_)}) AS {names[name]}" for name, type_ in columns.items())
        return f"SELECT {nothing} WHERE false", columns
    return "\nUNION ALL\n".join(_select(part, columns, names) for part in parts), columns


def _rank(column: str, first: Container[str]) -> int:
    """Among columns of one rank, the order is that in which they were met: that of the newest signature."""
    return 0 if column in first else 1 if column.startswith("in_") else 2 if column.startswith("out_") else 3


def names_in_sql(columns: Iterable[str]) -> list[str]:
    """What SQL calls each column: it takes `x` and `X` for one, so that the second becomes `X_1`."""
    names: dict[str, str] = {}
    for column in columns:
        name, number = column, 0
        while name.lower() in names:
            number += 1
            name = f"{column}_{number}"
        names[name.lower()] = name
    return list(names.values())


def _select(part: Part, columns: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The rows of one part with all columns; its own ones by their places, as their names may not be told apart."""
    own = {name: (at, type_) for at, (name, type_) in enumerate(part.shape.columns)}
    chosen = []
    for name, type_ in columns.items():
        if name not in own:
            chosen.append(f"CAST(NULL AS {sql_type(type_)}) AS {names[name]}")
            continue
        at, found = own[name]
        value = f"c{at}" if found == type_ else f"CAST(c{at} AS {sql_type(type_)})"
        chosen.append(f"{value} AS {names[name]}")
    places = ", ".join(f"c{at}" for at in range(len(own)))
    return f"SELECT {', '.join(chosen)} FROM {part.source} AS part({places})"  # noqa: S608 - names are in quotes


def common(types: Iterable[Any]) -> Any:
    """The Arrow type that can hold values of each of the types."""
    import pyarrow as pa

    kinds = list(dict.fromkeys(type_ for type_ in types if not pa.types.is_null(type_)))
    if len(kinds) <= 1:
        return kinds[0] if kinds else pa.null()
    if all(map(pa.types.is_integer, kinds)):
        return _integer(kinds)
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        return pa.float64() if any(map(pa.types.is_integer, kinds)) else _widest(kinds)
    if all(map(pa.types.is_timestamp, kinds)):
        return pa.timestamp("us", "UTC" if any(kind.tz for kind in kinds) else None)
    if all(map(pa.types.is_list, kinds)):
        return pa.list_(common(kind.value_type for kind in kinds))
    return pa.string()


def _integer(kinds: Sequence[Any]) -> Any:
    """An integer type for all of them; double where none is wide enough, since one of them goes below 0."""
    import pyarrow as pa

    signed = [kind for kind in kinds if pa.types.is_signed_integer(kind)]
    if len(signed) in {0, len(kinds)}:
        return _widest(kinds)
    needed = max(kind.bit_width if kind in signed else 2 * kind.bit_width for kind in kinds)
    return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}.get(needed, pa.float64())


def _widest(kinds: Sequence[Any]) -> Any:
    return max(kinds, key=lambda kind: kind.bit_width)


def _plain(type_: Any) -> Any:
    """The type as DuckDB has it: no dictionaries, one sort of text and of lists, no half precision."""
    import pyarrow as pa

    if pa.types.is_dictionary(type_):
        return _plain(type_.value_type)
    if pa.types.is_large_string(type_):
        return pa.string()
    if pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        return pa.binary()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(_plain(type_.value_type))
    return type_


def sql_type(type_: Any) -> str:
    """The type in the words of SQL."""
    import pyarrow as pa

    if pa.types.is_list(type_):
        return f"{sql_type(type_.value_type)}[]"
    if pa.types.is_timestamp(type_):
        if type_.tz:
            return "TIMESTAMPTZ"
        return {"s": "TIMESTAMP_S", "ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}[type_.unit]
    if pa.types.is_null(type_):
        return "INTEGER"
    words = {
        pa.bool_(): "BOOLEAN", pa.int8(): "TINYINT", pa.int16(): "SMALLINT", pa.int32(): "INTEGER",
        pa.int64(): "BIGINT", pa.uint8(): "UTINYINT", pa.uint16(): "USMALLINT", pa.uint32(): "UINTEGER",
        pa.uint64(): "UBIGINT", pa.float32(): "FLOAT", pa.float64(): "DOUBLE", pa.binary(): "BLOB",
        pa.date32(): "DATE",
    }  # fmt: skip
    return words.get(type_, "VARCHAR")

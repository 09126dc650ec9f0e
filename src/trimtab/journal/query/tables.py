"""The tables of a journal: their columns, and their files sorted by shape."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from trimtab.journal.query.duck import text_of
from trimtab.journal.query.shapes import Part, Shape, shape_of

__all__ = ["BASE", "JOINED", "Footers", "base_of", "parts_of_files"]

JOINED: Final = "joined"
# the columns that are always there, in the words of Arrow
_WHO: Final = (("principal", "string"), ("operator", "bool"))
_WHEN: Final = (("time", "time"), ("received", "time"))
BASE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "interactions": (
        ("id", "string"), ("row", "int32"), ("time", "time"), ("endpoint", "string"), ("revision", "string"),
        ("arm", "string"), ("probability", "double"), ("sampled", "double"), ("principal", "string"),
        ("dialect", "string"), ("status", "int16"), ("seconds", "double"), ("rows", "int32"), ("error", "string"),
        ("request_id", "string"), ("subject", "string"),
    ),
    "truth": (
        ("id", "string"), ("row", "int32"), ("name", "string"), ("value", "string"), ("number", "double"),
        *_WHEN, *_WHO,
    ),
    "feedback": (
        ("id", "string"), ("row", "int32"), ("score", "double"), ("label", "string"), ("comment", "string"),
        ("correction", "string"), *_WHEN, *_WHO,
    ),
    "gaps": (
        ("time", "time"), ("segment", "string"), ("why", "string"), ("count", "int64"), ("seconds", "double"),
        ("at", "int64"), ("length", "int64"), ("record", "string"),
    ),
}  # fmt: skip


def base_of(table: str) -> list[tuple[str, Any]]:
    """The columns of a table that are always there, with their Arrow types."""
    import pyarrow as pa

    time = pa.timestamp("us", "UTC")
    return [(name, time if word == "time" else pa.type_for_alias(word)) for name, word in BASE[table]]


class Footers:
    """The shapes of Parquet files, each read once: a file never changes its columns."""

    def __init__(self) -> None:
        """None is known yet."""
        self._shapes: dict[Path, Shape] = {}

    def shape(self, path: Path) -> Shape:
        """The shape of a file; FileNotFoundError if it has gone, ValueError if it is no Parquet that can be read."""
        found = self._shapes.get(path)
        if found is None:
            from pyarrow import ArrowException, parquet

            try:
                with path.open("rb") as file:
                    schema = parquet.read_schema(file)
            except ArrowException as error:
                raise ValueError(str(error).partition("\n")[0]) from error
            found = self._shapes[path] = shape_of(schema)
        return found


def parts_of_files(paths: Iterable[Path], footers: Footers) -> tuple[list[Part], list[str]]:
    """The files by their shapes, and what is said of those that cannot be read, which are left out."""
    by_shape: dict[Shape, list[Path]] = {}
    damage = []
    for path in paths:
        try:
            by_shape.setdefault(footers.shape(path), []).append(path)
        except ValueError as error:
            damage.append(f"{path}: {error}")
    return [Part(_reading(some), shape) for shape, some in by_shape.items()], damage


def _reading(paths: Iterable[Path]) -> str:
    """The function that reads the files, of one shape; the folders that they are in say nothing new."""
    return f"read_parquet([{', '.join(text_of(str(path)) for path in paths)}], hive_partitioning = false)"

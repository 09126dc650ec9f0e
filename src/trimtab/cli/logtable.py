"""Logged rows for people, as a table that goes on as more arrive, and for programs, as JSON; harmless to a terminal."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from trimtab.cli.show import cell

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LogTable", "json_line", "people_want", "rows_of", "shown"]

_FIRST: Final = ("time", "id", "endpoint", "row", "status", "error", "seconds", "principal", "revision", "arm")
# columns that nobody misses where they hold only this
_QUIET: Final[Mapping[str, tuple[Any, ...]]] = {"row": (None, 0), "error": ("",), "principal": ("",), "arm": ("",)}
_WIDEST: Final = 40
_DIGITS: Final = 8
_TO_MS: Final = len("2026-07-01T10:00:00.000")
_GAP: Final = "  "


def people_want(table: pa.Table, *, all_of_them: bool) -> list[str]:
    """The columns that a person looks at, the answer before the question.

    all_of_them: also those that say nothing in these rows, since others may follow.
    """
    names = table.column_names
    chosen = [name for name in _FIRST if name in names]
    chosen += [name for kind in ("out_", "in_") for name in names if name.startswith(kind)]
    return chosen if all_of_them else [name for name in chosen if not _says_nothing(table, name)]


def _says_nothing(table: pa.Table, name: str) -> bool:
    if name == "endpoint":
        return len(table[name].unique()) <= 1
    if name in _QUIET:
        return set(table[name].unique().to_pylist()) <= set(_QUIET[name])
    return name not in _FIRST and table[name].null_count == table.num_rows


class LogTable:
    """A table of which the first lines are printed before the last are known."""

    def __init__(self, columns: Sequence[str], width: int | None = None) -> None:
        """width: what a line may have; columns that do not fit are left out, `left_out` of them. None: no limit."""
        self.columns, self._width = list(columns), width
        self.left_out = 0
        self._widths: list[int] = []

    def text(self, table: pa.Table) -> str:
        """The rows as lines, below the names of the columns where they are the first; of at least one row."""
        columns = values_of(table.select(self.columns))
        body = [[shown(name, value) for value in columns[name]] for name in self.columns]
        first = not self._widths
        if first:
            self._widths = [len(_head(name)) for name in self.columns]
        self._widths = [max(known, *map(len, cells)) for known, cells in zip(self._widths, body, strict=True)]
        if first:
            self._fit()
        numbers = [_is_number(table.schema.field(name).type) for name in self.columns]
        lines = [[_head(name) for name in self.columns]] if first else []
        lines += [list(cells) for cells in zip(*body[: len(self.columns)], strict=True)]
        return "\n".join(
            _GAP.join(
                one.rjust(width) if number else one.ljust(width)
                for one, width, number in zip(line, self._widths, numbers, strict=True)
            ).rstrip()
            for line in lines
        )

    def _fit(self) -> None:
        if self._width is None:
            return
        total, count = -len(_GAP), 0
        for width in self._widths:
            total += len(_GAP) + width
            if total > self._width and count:
                break
            count += 1
        self.left_out = len(self.columns) - count
        self.columns, self._widths = self.columns[:count], self._widths[:count]


def values_of(table: pa.Table) -> dict[str, list[Any]]:
    """The columns as Python values, times as ISO 8601: as objects they would need pandas, which takes long to come."""
    import pyarrow as pa

    found = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            found[name] = [
                None if text is None else text.replace(" ", "T") for text in column.cast("string").to_pylist()
            ]
        else:
            found[name] = column.to_pylist()
    return found


def rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Row by row, times as ISO 8601."""
    columns = values_of(table)
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _head(name: str) -> str:
    return "ms" if name == "seconds" else harmless_cell(name)


def _is_number(type_: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_))


def shown(column: str, value: Any) -> str:
    """A value as a person reads it, on one line and without anything that a terminal would obey."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if column == "time" and isinstance(value, str):
        return f"{value[:_TO_MS]}Z"
    if column == "seconds" and isinstance(value, float):
        return f"{value * 1000:.4g}"
    if column == "revision" and isinstance(value, str):
        value = value.removeprefix("sha256:")[:_DIGITS]
    text = harmless_cell(cell(plain(value) if not isinstance(value, float) else value))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def harmless_cell(text: str) -> str:
    """The text with everything escaped that is not printed, line ends and tabs too."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def json_line(row: dict[str, Any]) -> str:
    """A row as one line of JSON; what is not printed is escaped beyond what JSON asks for."""
    text = json.dumps(plain(row), ensure_ascii=False, allow_nan=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def plain(value: Any) -> Any:
    """A value as JSON has it: times as ISO 8601, NaN as null, infinities and bytes as text."""
    if isinstance(value, float):
        return (
            value if math.isfinite(value) else None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        )
    if isinstance(value, date):  # a datetime is one
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value

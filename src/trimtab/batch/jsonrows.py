"""Rows of a file of JSON lines, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.batch.copies import typed_copy
from trimtab.batch.options import ScoreOptions
from trimtab.batch.rows import Block, choose
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature

__all__ = ["JsonRows"]

_BLOCK_BYTES: Final = 2**20
_LINE_BYTES: Final = 64 * 2**20


class JsonRows:
    """A file with one JSON object a line; a key that a row lacks is null there, blank lines are no rows."""

    total: int | None = None

    def __init__(self, source: Path, signature: Signature, options: ScoreOptions) -> None:
        """Nothing is read yet."""
        self._source = source
        self._signature = signature
        self._options = options
        self._fields = {field.name: field for field in signature.inputs}
        self._kept: tuple[str, ...] | None = None
        self._types: dict[str, Any] = {}
        self._lines: list[tuple[int, list[int]]] = []

    def line(self, row: int) -> int | None:
        """The line of a row that was read a moment ago."""
        for first, lines in reversed(self._lines):
            if first <= row < first + len(lines):
                return lines[row - first]
        return None

    def blocks(self) -> Iterator[Block]:
        """Blocks of at most `batch_rows` rows; a line that is no JSON object is a broken row."""
        first, decode = 0, msgspec.json.Decoder().decode
        for lines in _numbered(self._source, self._options.batch_rows):
            broken: dict[int, str] = {}
            records = [_record(line, row, decode, broken) for row, (_, line) in enumerate(lines)]
            # lines of the last few blocks only: no more are read ahead
            self._lines = [*self._lines[-8:], (first, [number for number, _ in lines])]
            yield self._block(first, records, broken)
            first += len(records)
        if first == 0:
            yield self._block(0, [], {})

    def _block(self, first: int, records: list[dict[str, Any]], broken: Mapping[int, str]) -> Block:
        import pyarrow as pa

        if self._kept is None:
            self._kept = self._choose(records)
        raws: dict[str, list[Any]] = {name: [record.get(name) for record in records] for name in self._fields}
        arrays = []
        for name in self._kept:
            if name in self._fields:
                arrays.append(typed_copy(raws[name], self._fields[name]))
            else:
                arrays.append(self._copy(name, [record.get(name) for record in records], first))
        kept = pa.RecordBatch.from_arrays(arrays, names=list(self._kept))
        return Block(first, len(records), raws, kept, broken)

    def _choose(self, records: Sequence[dict[str, Any]]) -> tuple[str, ...]:
        """By the keys of the first block; a nullable column may well come later."""
        seen = dict.fromkeys(name for record in records for name in record)
        keep = self._options.keep
        absent = [name for name, field in self._fields.items() if field.nullable or not seen]
        unseen = keep if not seen and keep != "all" else ()
        names = dict.fromkeys([*seen, *absent, *unseen])
        return choose(tuple(names), self._signature, keep, self._source)

    def _copy(self, name: str, values: list[Any], first: int) -> Any:
        """A column beyond the signature: its type is what the first values of it are."""
        import pyarrow as pa

        try:
            if name not in self._types:
                type_ = pa.infer_type(values)
                self._types[name] = pa.string() if pa.types.is_null(type_) else type_
            return pa.array(values, self._types[name])
        except (pa.ArrowException, OverflowError) as error:
            what = f"column `{name}` cannot be kept: {str(error).partition(chr(10))[0]}"
            place = f"{self._source}, rows {first} to {first + len(values) - 1}"
            raise UserError(Problem("P717", what, place, f"do not keep `{name}`, or give it one type")) from error


def _record(line: bytes, row: int, decode: Any, broken: dict[int, str]) -> dict[str, Any]:
    try:
        record = decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        broken[row] = f"the line is no JSON: {error}"
        return {}
    if not isinstance(record, dict):
        broken[row] = "the line is no JSON object"
        return {}
    return record


def _numbered(source: Path, most: int) -> Iterator[list[tuple[int, bytes]]]:
    """Up to `most` lines at a time that are not blank, with their numbers from 1."""
    number, rest = 1, b""
    with source.open("rb") as file:
        while chunk := file.read(_BLOCK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LINE_BYTES:
                place = f"{source}:{number + len(lines)}"
                raise UserError(Problem("P712", f"the line is longer than {_LINE_BYTES} bytes", place))
            yield from _parts(lines, number, most)
            number += len(lines)
    yield from _parts([rest], number, most)


def _parts(lines: list[bytes], number: int, most: int) -> Iterator[list[tuple[int, bytes]]]:
    full = [(number + index, line) for index, line in enumerate(lines) if line and not line.isspace()]
    for start in range(0, len(full), most):
        yield full[start : start + most]

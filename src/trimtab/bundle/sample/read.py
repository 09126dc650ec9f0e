"""A sample of rows, from a file or an object: what its columns are, and its rows as a checked table."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trimtab.bundle.sample.infer import ColumnError, Found
from trimtab.bundle.sample.merge import Declared, declared_field, reread, with_overrides
from trimtab.bundle.sample.objects import Draft, draft_of_arrays, draft_of_frame, draft_of_matrix
from trimtab.core.check import SignatureError, check
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Container, Field, Signature, field_to_plain
from trimtab.core.table import Table

__all__ = ["Sample", "read_sample", "with_overrides"]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows as the training saw them. digest: SHA-256 (hex) of the file, or of the content of an object."""

    container: Container
    fields: tuple[Field, ...]
    table: Table
    digest: str

    @property
    def rows(self) -> int:
        """The number of rows, at least one."""
        return self.table.height


def read_sample(source: object, declared: Declared | None = None) -> Sample:
    """The sample in a file (Parquet, CSV, JSON, JSON lines), a DataFrame, an array or a dict of arrays.

    A column is nullable when the sample has a null in it; categories come from categorical dtypes alone; ranges from
    nowhere. declared: what `[signature.inputs]` says, which goes before what the sample shows. Raises UserError naming
    every column that cannot be read.
    """
    declared = declared or {}
    draft, digest = _draft(source, declared)
    found = _found(draft, declared)
    fields = with_overrides(tuple(field for field, _ in found), declared)
    raws = {now.name: reread(raw, was, now) for (was, raw), now in zip(found, fields, strict=True)}
    try:
        table = check(Signature(fields, container=draft.container), raws)
    except SignatureError as error:
        places = [
            f"{draft.place}, column `{f.column}`" + ("" if f.row is None else f", row {f.row}") for f in error.faults
        ]
        faults = zip(error.faults, places, strict=True)
        raise UserError(*(Problem("P269", f.what, place, f.hint) for f, place in faults)) from None
    return Sample(draft.container, fields, table, digest or _digest(fields, table))


def _draft(source: object, declared: Declared) -> tuple[Draft, str]:
    if isinstance(source, (str, Path)):
        from trimtab.bundle.sample.files import draft_of_file

        draft = draft_of_file(Path(source), declared)
        with Path(source).open("rb") as file:
            return draft, hashlib.file_digest(file, "sha256").hexdigest()
    if isinstance(source, np.ndarray):
        return draft_of_matrix(source), ""
    if isinstance(source, Mapping):
        return draft_of_arrays(source), ""
    if hasattr(source, "columns") and hasattr(source, "dtypes"):
        return draft_of_frame(source, "the sample"), ""
    hint = "give a file, a pandas DataFrame, a numpy array or a dict of arrays"
    raise UserError(Problem("P270", f"a sample cannot be a `{type(source).__name__}`", hint=hint))


def _found(draft: Draft, declared: Declared) -> list[Found]:
    """Every column's field and values; all columns that cannot be read are named at once."""
    problems = _name_problems(draft.names, draft.place)
    if not problems and not draft.rows:
        problems = [Problem("P263", "the sample has no rows", draft.place, "give it at least one row")]
    if problems:
        raise UserError(*problems)
    found = []
    for name, infer in draft.columns:
        try:
            found.append(infer())
        except ColumnError as error:
            field = declared_field(name, declared) if error.problem.code == "P267" else None
            if field is None:
                problems.append(replace(error.problem, where=draft.place))
            else:
                found.append((field, [None] * draft.rows))
    if problems:
        raise UserError(*problems)
    return found


def _name_problems(names: Sequence[object], place: str) -> list[Problem]:
    if not names:
        return [Problem("P263", "the sample has no columns", place)]
    hint = "give every column a text as its name, each once"
    odd = [name for name in names if not isinstance(name, str)]
    problems = [
        Problem("P264", f"column name `{name}` is a {type(name).__name__}, not text", place, hint) for name in odd
    ]
    blank = [position for position, name in enumerate(names) if isinstance(name, str) and not name.strip()]
    problems += [Problem("P264", f"column {position + 1} has no name", place, hint) for position in blank]
    twice = [name for name, count in Counter(map(str, names)).items() if count > 1 and name.strip()]
    problems += [Problem("P264", f"column name `{name}` is there more than once", place, hint) for name in twice]
    return problems


def _digest(fields: Iterable[Field], table: Table) -> str:
    """A digest of what the rows say, however they lie in memory."""
    digest = hashlib.sha256()
    for field in fields:
        column = table.columns[field.name]
        digest.update(msgspec.json.encode(field_to_plain(field), order="sorted"))
        digest.update(b"" if column.missing is None else np.packbits(column.missing).tobytes())
        _feed(digest, column.values)
    return digest.hexdigest()


def _feed(digest: Any, values: Array) -> None:
    digest.update(repr(values.shape).encode())
    if values.dtype.kind != "O":
        digest.update(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
        return
    for value in values.ravel().tolist():
        if isinstance(value, np.ndarray):
            _feed(digest, value)
        else:
            data = b"" if value is None else value.encode() if isinstance(value, str) else bytes(value)
            digest.update(f"{type(value).__name__}{len(data)}:".encode() + data)

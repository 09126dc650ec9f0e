"""Samples in files: what user code sees that reads the file with pandas, without losing the types that pandas loses."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from trimtab.bundle.sample.infer import Found, all_null, from_arrow
from trimtab.bundle.sample.merge import Declared
from trimtab.bundle.sample.objects import Draft, draft_of_frame
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.interactions import INPUTS_KEY
from trimtab.core.nulls import CSV_NULLS
from trimtab.core.signature import Field

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["broken", "draft_of_file", "found_file"]

SUFFIXES: Final = (".parquet", ".csv", ".jsonl", ".ndjson", ".json")
_INTEGER: Final = re.compile(r"[+-]?\d+")


def draft_of_file(path: Path, declared: Declared) -> Draft:
    """The sample in a file, by its suffix; raises UserError for what is no such file or cannot be read."""
    found_file(path)
    try:
        match path.suffix.lower():
            case ".parquet":
                return _parquet(path)
            case ".csv":
                return _csv(path, declared)
            case _:
                from trimtab.bundle.sample.jsonrows import draft_of_json

                return draft_of_json(path)
    except ImportError as error:
        hint = "pip install 'trimtab[batch]'"
        raise UserError(Problem("P271", f"reading {path.suffix} needs `{error.name}`", str(path), hint)) from error
    except PermissionError:
        broken(path, "may not be read by this user", f"chmod u+r {path}")


def found_file(path: Path) -> None:
    """Raises UserError, with the nearest name in that folder, unless there is a file of a kind we read."""
    kinds = ", ".join(SUFFIXES)
    if path.is_dir():
        hint = f"give a file in it: {kinds}"
        raise UserError(Problem("P272", f"`{path.name}` is a folder, not a file", str(path), hint))
    if not path.exists():
        folder = path.parent
        names = [entry.name for entry in folder.iterdir() if entry.suffix in SUFFIXES] if folder.is_dir() else []
        hint = did_you_mean(path.name, names) if folder.is_dir() else f"there is no folder `{folder}` either"
        raise UserError(Problem("P272", f"there is no file `{path.name}`", str(path), hint))
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(Problem("P270", f"`{path.suffix}` is no format of a sample", str(path), f"give one of {kinds}"))


def broken(path: Path, what: str, hint: str = "") -> NoReturn:
    """Raises the UserError for a file that is not what its suffix says."""
    raise UserError(Problem("P262", f"`{path.name}` {what}", str(path), hint))


def _parquet(path: Path) -> Draft:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:  # `read_table` would take folders named `key=value` for columns
            table = _inputs(file.read())
        # a name that is there twice is refused by its name, and pandas is not asked
        unique = len(set(table.schema.names)) == table.num_columns
        frame: pd.DataFrame | None = table.to_pandas() if unique else None
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise
        broken(path, f"is no Parquet file that can be read: {_first_line(error)}")
    if frame is None:
        names = table.schema.names
        return Draft("frame", str(path), table.num_rows, [(name, partial(_never, name)) for name in names])
    draft = draft_of_frame(frame, str(path))
    columns = [
        (name, infer if str(frame[name].dtype) == "category" else _arrow_column(table, name, frame))
        for name, infer in draft.columns
    ]
    return replace(draft, columns=columns)


def _inputs(table: Any) -> Any:
    """Of rows that were exported from a journal, the columns that a model was given; of any others, all."""
    try:
        names = json.loads((table.schema.metadata or {}).get(INPUTS_KEY, b"null"))
    except ValueError:
        return table
    there = isinstance(names, list) and all(name in table.schema.names for name in names)
    return table.select(names) if there and names else table


def _arrow_column(table: Any, name: Any, frame: pd.DataFrame) -> Callable[[], Found]:
    return partial(from_arrow, name, table.column(str(name)), str(frame[name].dtype))


def _never(name: str) -> Found:
    msg = f"`{name}` is refused before its values are read"
    raise AssertionError(msg)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _csv(path: Path, declared: Declared) -> Draft:
    import pandas as pd

    header = _csv_header(path)
    if len(set(header)) < len(header) or not all(name.strip() for name in header):
        return Draft("frame", str(path), 0, [(name, partial(_never, name)) for name in header])
    texts = {name: "str" for name, given in declared.items() if given.get("dtype") == "BYTES" and name in header}
    nulls: list[str] = list(CSV_NULLS)
    read = partial(pd.read_csv, path, encoding="utf-8-sig", index_col=False, na_values=nulls, keep_default_na=False)
    try:
        frame = read(dtype=texts)
        wanted = [name for name in header if _may_be_integers(frame[name])]
        as_text = read(dtype="str", usecols=wanted)
    except ValueError as error:
        broken(path, f"is no CSV that can be read: {_first_line(error)}")
    draft = draft_of_frame(frame, str(path))
    columns = [
        (name, partial(_csv_column, name, frame[name], as_text[name] if name in wanted else None, infer))
        for name, infer in draft.columns
    ]
    return replace(draft, columns=columns)


def _csv_header(path: Path) -> list[str]:
    """The column names; every row must have as many cells, since pandas would fill up or shift a row in silence."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = next(rows, None)
            if not header:
                raise UserError(
                    Problem("P263", f"`{path.name}` is empty", str(path), "its first line names the columns")
                )
            for row in rows:
                if row and len(row) != len(header):
                    place = f"{path}:{rows.line_num}"
                    raise UserError(Problem("P262", f"the row has {len(row)} cells, the header {len(header)}", place))
    except UnicodeDecodeError as error:
        broken(path, f"is no UTF-8 text: {error.reason} at byte {error.start}", "save it as UTF-8")
    except csv.Error as error:
        broken(path, f"is no CSV that can be read: {error}")
    return header


def _may_be_integers(series: pd.Series) -> bool:
    return str(series.dtype) == "float64" and bool(series.isna().any()) and not bool(series.isna().all())


def _csv_column(name: str, series: pd.Series, text: pd.Series | None, infer: Callable[[], Found]) -> Found:
    """What pandas makes of the column, but integers with gaps stay integers, which pandas shows as float64."""
    if series.isna().all() and len(series):
        raise all_null(name)
    if text is None:
        return infer()
    cells = [None if gone else cell for cell, gone in zip(text.tolist(), text.isna().tolist(), strict=True)]
    if not all(cell is None or _INTEGER.fullmatch(cell) for cell in cells):
        return infer()
    values: Sequence[int | None] = [None if cell is None else int(cell) for cell in cells]
    return Field(name, "INT64", nullable=True, frame="float64"), values

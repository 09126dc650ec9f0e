"""Samples in JSON: rows as objects (one array, or a line each), input examples of MLflow and of the protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

import msgspec

from trimtab.bundle.sample.infer import Found, from_values
from trimtab.bundle.sample.objects import Draft, draft_of_arrays
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field
from trimtab.core.tensors import TensorError, decode_json

__all__ = ["draft_of_json"]

_FORMS: Final = 'a list of objects, {"columns": [...], "data": [...]}, or {"inputs": ...}'


def draft_of_json(path: Path) -> Draft:
    """The sample in a JSON file or a file of JSON lines; raises UserError with the line or place of what is wrong."""
    place = str(path)
    if path.suffix.lower() != ".json":
        return _records(_lines(path), place)
    try:
        content = msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise UserError(Problem("P262", f"`{path.name}` is no JSON: {error}", place)) from error
    return _draft(content, place)


def _lines(path: Path) -> list[Any]:
    rows = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(msgspec.json.decode(line))
        except msgspec.DecodeError as error:
            raise UserError(Problem("P262", f"the line is no JSON: {error}", f"{path}:{number}")) from error
    return rows


def _draft(content: Any, place: str) -> Draft:
    if isinstance(content, list):
        return _records(content, place)
    if isinstance(content, dict):
        for key in ("dataframe_records", "instances"):
            if isinstance(content.get(key), list):
                return _records(content[key], place)
        split = content.get("dataframe_split", content)
        if isinstance(split, dict) and isinstance(split.get("columns"), list) and isinstance(split.get("data"), list):
            return _split(split["columns"], split["data"], place)
        inputs = content.get("inputs")
        if isinstance(inputs, list) and inputs and all(isinstance(tensor, dict) for tensor in inputs):
            return _tensors(inputs, place)
        if isinstance(inputs, dict) and all(isinstance(values, list) for values in inputs.values()):
            return draft_of_arrays(inputs, place)
    return _no_sample(place, "is no sample")


def _no_sample(place: str, what: str) -> NoReturn:
    raise UserError(Problem("P262", f"the JSON {what}", place, f"give {_FORMS}"))


def _records(rows: list[Any], place: str) -> Draft:
    """Rows as objects; a key that a row does not have is null there, as in pandas."""
    odd = [row for row, record in enumerate(rows) if not isinstance(record, dict)]
    if odd:
        _no_sample(place, f"has a row {odd[0]} that is no object")
    if not rows:
        raise UserError(Problem("P263", "the sample has no rows", place, "give it at least one row"))
    names = dict.fromkeys(name for record in rows for name in record)
    columns = [(name, partial(_column, name, [record.get(name) for record in rows])) for name in names]
    return Draft("frame", place, len(rows), columns)


def _split(names: list[Any], rows: list[Any], place: str) -> Draft:
    odd = [row for row, cells in enumerate(rows) if not isinstance(cells, list) or len(cells) != len(names)]
    if odd:
        _no_sample(place, f"has a row {odd[0]} that is no list of {len(names)} values")
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    pairs = [(name, partial(_column, name, values)) for name, values in zip(names, columns, strict=True)]
    return Draft("frame", place, len(rows), pairs)


def _column(name: str, values: Sequence[Any]) -> Found:
    """The field of JSON values, with the dtype that a pandas DataFrame of them has."""
    import pandas as pd

    field, raw = from_values(name, values)
    return replace(field, frame=str(pd.Series(list(values)).dtype)), raw


def _tensors(tensors: list[dict[str, Any]], place: str) -> Draft:
    columns: list[tuple[Any, Any]] = []
    problems = []
    rows = 0
    for tensor in tensors:
        name = tensor.get("name")
        try:
            found = _tensor(tensor)
        except (KeyError, TypeError, TensorError) as error:
            what = f"no `{error.args[0]}`" if isinstance(error, KeyError) else str(error)
            problems.append(Problem("P262", f"tensor `{name}`: {what}", place))
            continue
        rows = len(found[1])
        columns.append((name, lambda found=found: found))
    if problems:
        raise UserError(*problems)
    plain = all(len(infer()[0].shape) == 1 for _, infer in columns)
    return Draft("frame" if plain else "arrays", place, rows, columns)


def _tensor(tensor: Mapping[str, Any]) -> Found:
    column = decode_json(tensor["datatype"], tensor["shape"], tensor["data"])
    shape = (-1, *tensor["shape"][1:])
    nullable = column.missing is not None
    return Field(tensor["name"], tensor["datatype"], shape, nullable), column

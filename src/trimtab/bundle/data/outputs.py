"""Answers of a model as named arrays, and the promise of the signature that they are held to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from trimtab.bundle.data.arrays import to_array
from trimtab.bundle.predictor import Outputs
from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import DTYPES, Array, dtype_of, is_float
from trimtab.core.errors import Problem, RefusedError
from trimtab.core.lists import split_rows
from trimtab.core.signature import Field, Kind

__all__ = ["ONLY", "empty_outputs", "fields_of", "fit", "to_outputs"]

ONLY: Final = "prediction"  # the name of an answer that has none
_SHOWN: Final = 5


def to_outputs(raw: Any) -> Outputs:
    """Arrays by name from a mapping, frame, named tuple, structured array, or one array, series or list.

    Raises RefusedError naming each output that cannot be an array.
    """
    outputs: Outputs = {}
    problems = []
    for name, value in _named(raw).items():
        try:
            outputs[name] = to_array(value)
        except (TypeError, ValueError, OverflowError) as error:
            problems.append(_misfit(name, f"holds what is no column: {error}"))
    if problems:
        raise RefusedError(*problems)
    return outputs


def _named(raw: Any) -> dict[str, Any]:
    if isinstance(raw, Mapping):
        return {str(name): value for name, value in raw.items()}
    if hasattr(raw, "columns") and hasattr(raw, "dtypes"):
        return _columns(raw)
    if isinstance(raw, tuple) and hasattr(raw, "_asdict"):
        return dict(raw._asdict())
    names = getattr(getattr(raw, "dtype", None), "names", None)
    return {name: raw[name] for name in names} if names else {ONLY: raw}


def _columns(frame: Any) -> dict[str, Any]:
    twice = [name for name, count in Counter(map(str, frame.columns)).items() if count > 1]
    if twice:
        raise RefusedError(*(_misfit(name, "is there more than once") for name in twice))
    return {str(name): frame[name] for name in frame.columns}


def fields_of(outputs: Mapping[str, Array]) -> tuple[Field, ...]:
    """The fields that describe the arrays; nullable where a value is missing in them."""
    return tuple(_describe(name, array) for name, array in outputs.items())


def _describe(name: str, array: Array) -> Field:
    if array.dtype.kind == "M":
        unit = np.datetime_data(array.dtype)[0]
        nullable = bool(np.isnat(array).any())
        return Field(name, "BYTES", (-1,), nullable, kind="datetime", frame=f"datetime64[{unit}, UTC]")
    if array.dtype.kind != "O":
        nullable = array.dtype.kind == "f" and bool(np.isnan(array).any())
        return Field(name, dtype_of(array), (-1, *array.shape[1:]), nullable)
    nullable = any(item is None for item in array.flat)
    present = [item for item in array.flat if item is not None]
    if present and isinstance(present[0], np.ndarray):
        inner = _describe(name, present[0])
        sizes = zip(*(item.shape for item in present), strict=True)
        shape = (-1, *(-1 if position == 0 or len(set(size)) > 1 else size[0] for position, size in enumerate(sizes)))
        return Field(name, inner.dtype, shape, nullable, kind=inner.kind)
    kind: Kind = "bytes" if present and isinstance(present[0], bytes) else "value"
    return Field(name, "BYTES", (-1, *array.shape[1:]), nullable, kind=kind)


def empty_outputs(fields: Sequence[Field]) -> Outputs:
    """Outputs without rows."""
    empty: Outputs = {}
    for field in fields:
        inner = field.shape[1:]
        dtype = np.dtype(object) if -1 in inner else _dtype(field)
        empty[field.name] = np.empty((0,) if -1 in inner else (0, *inner), dtype)
    return empty


def fit(outputs: Outputs, fields: Sequence[Field], rows: int) -> Outputs:
    """The outputs in the order and dtypes of the fields; RefusedError names all that break the promise.

    Without fields only the number of rows is checked. Casts are those that keep values: widening, or narrowing within
    floats or within integers where every value fits.
    """
    problems = [
        _misfit(name, f"has {len(array)} rows for {rows} rows of input")
        for name, array in outputs.items()
        if len(array) != rows
    ]
    promised = [field.name for field in fields]
    if fields and set(promised) != set(outputs):
        got, want = (", ".join(f"`{name}`" for name in names) for names in (outputs, promised))
        what = f"the model answers {got or 'nothing'}, the signature promises {want}"
        problems.append(Problem("P243", what, "the model's answer", "package the model again to record its signature"))
    fitted = {} if fields else dict(outputs)
    for field in fields:
        if field.name in outputs and len(outputs[field.name]) == rows:
            try:
                fitted[field.name] = _cast(outputs[field.name], field)
            except ValueError as error:
                problems.append(_misfit(field.name, str(error)))
    if problems:
        raise RefusedError(*problems)
    return fitted


def _cast(array: Array, field: Field) -> Array:
    array = _shaped(array, field)
    if array.dtype.kind == "O" and -1 in field.shape[1:]:
        return split_rows(None if item is None else _values(item, field) for item in array)
    return _values(array, field)


def _shaped(array: Array, field: Field) -> Array:
    inner = field.shape[1:]
    if array.dtype.kind == "O" and array.ndim == 1 and -1 in inner:
        got = {item.shape if isinstance(item, np.ndarray) else () for item in array if item is not None}
        shapes = [tuple(shape) for shape in got]
    else:
        shapes = [array.shape[1:]]
    for shape in shapes:
        if len(shape) != len(inner) or any(want not in (-1, size) for want, size in zip(inner, shape, strict=True)):
            msg = f"has the shape {[-1, *shape]}, the signature promises {list(field.shape)}"
            raise ValueError(msg)
    return split_rows(array) if -1 in inner else array


def _values(array: Array, field: Field) -> Array:
    """The values in the field's dtype; ValueError when that would lose any."""
    want = _dtype(field)
    if array.dtype.kind == "O" and is_float(field.dtype) and all(item is None for item in array.flat):
        return np.full(array.shape, np.nan, want)
    if array.dtype.kind == "O" or want.kind == "O":
        wanted = bytes if field.kind == "bytes" else str
        if array.dtype.kind != want.kind or not all(item is None or isinstance(item, wanted) for item in array.flat):
            raise ValueError(_mismatch(array, field))
        return array
    if array.dtype == want:
        return array
    if not np.can_cast(array.dtype, want, "same_kind") or (array.dtype.kind == "M") != (want.kind == "M"):
        raise ValueError(_mismatch(array, field))
    with np.errstate(over="ignore", under="ignore"):
        cast = array.astype(want)
    lost = cast != array if want.kind in "iu" else (np.isinf(cast) & ~np.isinf(array) if want.kind == "f" else None)
    if lost is not None and lost.any():
        some = ", ".join(str(value) for value in array[lost][:_SHOWN].tolist())
        msg = f"holds {some}, which does not fit {field.dtype}"
        raise ValueError(msg)
    return cast


def _mismatch(array: Array, field: Field) -> str:
    kinds = {type(item).__name__ for item in array.flat if item is not None} if array.dtype.kind == "O" else set()
    got = "values of type " + ", ".join(f"`{kind}`" for kind in sorted(kinds)) if kinds else f"`{array.dtype}`"
    kind = "" if field.kind == "value" else f" ({field.kind})"
    return f"holds {got}, the signature promises {field.dtype}{kind}"


def _dtype(field: Field) -> np.dtype[Any]:
    return np.dtype(f"datetime64[{unit_of(field)}]") if field.kind == "datetime" else DTYPES[field.dtype]


def _misfit(name: str, what: str) -> Problem:
    return Problem("P244", f"output `{name}` {what}", "the model's answer")

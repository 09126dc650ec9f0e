"""A packed forest as one file: a line that names the format, a JSON head, and the arrays as they lie in memory."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.check import first_fault
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import TYPES, Facts, Tables
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError

__all__ = ["FILE", "load", "save"]

FILE: Final = "forest.bin"
_MAGIC: Final = b"trimtab forest 1\n"
_ALIGNED: Final = 64
_LENGTH: Final = 8
_KINDS: Final[dict[str, type]] = {"str": str, "int": int, "bool": bool, "float": float}


def save(forest: Forest, folder: Path) -> Path:
    """Writes `forest.bin` into the folder, the same bytes for the same forest."""
    parts = {name: np.ascontiguousarray(part) for name, part in forest.tables.parts().items()}
    arrays = {
        name: {"shape": list(part.shape), "dtype": _types(name).index(part.dtype)} for name, part in parts.items()
    }
    facts = {name: _written(value) for name, value in asdict(forest.facts).items()}
    head = json.dumps({"arrays": arrays, "facts": facts}, sort_keys=True, separators=(",", ":")).encode()
    path = folder / FILE
    with path.open("wb") as file:
        file.write(_MAGIC + len(head).to_bytes(_LENGTH, "little") + head)
        for part in parts.values():
            file.write(bytes(-file.tell() % _ALIGNED))
            file.write(part.tobytes())
    return path


def load(folder: Path, *, native: bool = True) -> Forest:
    """The forest of a folder, checked; P291 when the file is not one that could have been written.

    With `native=False` it walks in numpy, as it does anyway where the kernel was not built.
    """
    path = folder / FILE
    try:
        data: Array = np.fromfile(path, np.uint8)
    except OSError as error:
        raise _damaged(path, f"it cannot be read: {error.strerror}") from error
    try:
        tables, facts = _read(data)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _damaged(path, "its head does not describe its content") from error
    fault = first_fault(tables, facts)
    if fault:
        raise _damaged(path, fault)
    return Forest(tables, facts, native)


def _read(data: Array) -> tuple[Tables, Facts]:
    at = len(_MAGIC) + _LENGTH
    if data[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ValueError("no packed forest")
    size = int.from_bytes(data[len(_MAGIC) : at].tobytes(), "little")
    head = json.loads(data[at : at + size].tobytes())
    at += size
    parts = {}
    for name in TYPES:
        said = head["arrays"][name]
        shape, dtype = [_whole(length) for length in said["shape"]], _types(name)[_whole(said["dtype"])]
        at += -at % _ALIGNED
        end = at + math.prod(shape) * dtype.itemsize
        if end > len(data):
            raise ValueError("cut off")
        parts[name] = data[at:end].view(dtype).reshape(shape)
        at = end
    if at != len(data):
        raise ValueError("longer than it says")
    facts = {item.name: _fact(head["facts"][item.name], str(item.type)) for item in fields(Facts)}
    return Tables(**parts), Facts(**facts)


def _types(name: str) -> tuple[np.dtype[Any], ...]:
    return tuple(np.dtype(one) for one in TYPES[name])


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no length")
    return value


def _written(value: Any) -> Any:
    """JSON has no NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _fact(value: Any, kind: str) -> Any:
    if kind == "float":
        if value is None:
            return math.nan
        if type(value) not in (int, float):
            raise ValueError("no number")
        return float(value)
    if type(value) is not _KINDS[kind]:
        raise ValueError("a fact of another type")
    return value


def _damaged(path: Path, why: str) -> UserError:
    return UserError(Problem("P291", f"the packed forest `{path.name}` is damaged: {why}", str(path)))

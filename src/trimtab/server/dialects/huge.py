"""Finds the number that no datatype can hold in a body refused for it: a second, slow reading for the message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isinf
from typing import Any, Final

__all__ = ["huge_number"]

_LONGEST_INTEGER: Final = 300  # digits; the largest double has 309
_SHOWN: Final = 20


class _Huge:
    """Stands for the number in the parsed body."""

    def __init__(self, text: str) -> None:
        self.text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def huge_number(body: bytes) -> tuple[str, str] | None:
    """The first such number as text, and its place (`column `age`, row 0`); None where there is none to be found."""
    try:
        parsed = json.loads(body, parse_float=_float, parse_int=_integer)
        for path, huge in _walk(parsed, ()):
            return huge.text, _place(parsed, path)
    except (ValueError, RecursionError):
        return None
    return None


def _float(text: str) -> object:
    value = float(text)
    return _Huge(text) if isinf(value) else value


def _integer(text: str) -> object:
    return _Huge(text) if len(text) > _LONGEST_INTEGER else int(text)


def _walk(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], _Huge]]:
    if isinstance(value, _Huge):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _walk(item, (*path, position))


def _place(parsed: Any, path: tuple[Any, ...]) -> str:
    """Column and row as both dialects have them: rows of objects, or tensors of one column each."""
    match path[1:] if path[:1] == ("rows",) else path:
        case (int(row), str(column), *_):
            return f"column `{column}`, row {row}"
        case ("inputs", int(which), "data", int(row), *_):
            return f"column `{parsed['inputs'][which].get('name')}`, row {row}"
    return ".".join(map(str, path))

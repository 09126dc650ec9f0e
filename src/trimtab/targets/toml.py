"""Writes TOML: tables of plain values, the same text each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["toml_text"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: Mapping[str, Any]) -> str:
    """The document, keys in the order of their names; None is left out. ValueError for what TOML has no form for."""
    return "\n".join(_table(table, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[str]:
    said = {key: value for key, value in sorted(table.items()) if value is not None}
    inner = {key: value for key, value in said.items() if isinstance(value, Mapping)}
    if at and (len(inner) < len(said) or not said):
        yield from ("", f"[{'.'.join(map(_key, at))}]")
    yield from (f"{_key(key)} = {_value(value)}" for key, value in said.items() if key not in inner)
    for key, value in inner.items():
        yield from _table(value, (*at, key))


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _text(text)


def _value(value: object) -> str:
    match value:
        case bool() | int():
            return json.dumps(value)
        case float():
            return repr(value)
        case str():
            return _text(value)
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in sorted(value.items())) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            raise ValueError(f"TOML has no form for {value!r}")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""What is wrong with one value of a project file, and the words that such faults share."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from trimtab.project.key import Key

__all__ = ["Wrong", "other_type", "shown", "text_of", "type_of"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is not accepted: P104 another type, P105 another value, P106 another unit."""

    code: str
    what: str
    hint: str = ""


def shown(value: object) -> str:
    """A value of any type as the file would have it, short enough for one line."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return f"`{textwrap.shorten(text, 60, placeholder='...')}`"


def type_of(value: object) -> str:
    """TOML's word for the type of a value."""
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a text", list: "an array", dict: "a table"}
    return names.get(type(value), "a date or time")


def other_type(key: Key, value: object, wanted: str) -> Wrong:
    """The fault of a value of another type."""
    hint = f"for example `{key.parts[-1]} = {key.example}`" if key.example else ""
    return Wrong("P104", f"{shown(value)} is {type_of(value)}, not {wanted}", hint)


def text_of(key: Key, value: object) -> str | Wrong:
    """A text that is not empty."""
    if not isinstance(value, str):
        return other_type(key, value, "a text")
    if not value.strip():
        return Wrong("P105", "the text is empty", f"leave `{key.parts[-1]}` out instead")
    return value

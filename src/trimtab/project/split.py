"""What decides who is answered by the challenger, as a file or a command line writes it."""

from __future__ import annotations

from typing import Final

from trimtab.core.traffic import Split

__all__ = ["SPLIT", "parse_split"]

SPLIT: Final = r"request|principal|header:[!-9;-~]+|column:.+"
_NAMED: Final = ("header", "column")


def parse_split(text: str) -> Split:
    """`request`, `principal`, `header:NAME`, `column:NAME`; ValueError for anything else."""
    by, colon, name = text.partition(":")
    match by:
        case "request" | "principal" if not colon:
            return Split(by)
        case "header" if name and name.isascii() and name.isprintable() and not set(name) & set(" :"):
            return Split(by, name.lower())
        case "column" if name:
            return Split(by, name)
    if by in _NAMED:
        raise ValueError(f"`{text}` does not say which {by}: `{by}:NAME`")
    raise ValueError(f"`{text}` is none of `request`, `principal`, `header:NAME`, `column:NAME`")

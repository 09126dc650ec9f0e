"""Which line of a TOML text holds which key; `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["KeyPath", "dotted", "line_of", "lines_of"]

KeyPath = tuple[str, ...]

_NAME: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH: Final = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE: Final = re.compile(rf"\s*\[\[?\s*({_PATH})\s*\]")
_PAIR: Final = re.compile(rf"\s*({_PATH})\s*=")
# what may hold a bracket or a quote that does not count
_SKIP: Final = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[{]|[\]}]')


def lines_of(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every table and key that starts a line; keys of inline tables are on their table's line."""
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in _starts(text):
        if header := _TABLE.match(line):
            table = _names(header[1])
            found.setdefault(table, number)
        elif pair := _PAIR.match(line):
            path = table + _names(pair[1])
            for depth in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:depth], number)
    return found


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    """The line of a key, else of the nearest table around it, else None."""
    for depth in range(len(path), 0, -1):
        if path[:depth] in lines:
            return lines[path[:depth]]
    return None


def dotted(path: KeyPath) -> str:
    """The path as TOML writes it, names quoted where they must be."""
    return ".".join(name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"' for name in path)


def _starts(text: str) -> Iterator[tuple[int, str]]:
    """Lines that start a statement: not those inside a text or an array of several lines."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not quote and depth == 0:
            yield number, line
        # the brackets of a table header open and close on its line, so they need no care
        depth, quote = _state(line, depth, quote)


def _state(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Depth of brackets and the open multi-line quote after the line."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + 3, ""
            continue
        token = _SKIP.search(line, at)
        if token is None:
            break
        at = token.end()
        match token[0]:
            case '"""' | "'''":
                quote = token[0]
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case _:
                pass
    return depth, quote


def _names(path: str) -> KeyPath:
    """The single names of a dotted path, without their quotes."""
    return tuple(name[1:-1] if name[0] in "\"'" else name for name in re.findall(_NAME, path))

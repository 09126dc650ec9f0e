"""An answer that comes part by part: its events as they arrive, and the lines that are shown of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from trimtab.cli.show import cell

__all__ = ["Event", "Lines", "events"]

Event: TypeAlias = tuple[str, dict[str, Any]]


def events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Name and data of each server-sent event (HTML standard, section 9.2) that is whole.

    Raises ValueError for data that is no JSON object.
    """
    name, data = "", b""
    for line in lines:
        field, _, value = line.rstrip(b"\r\n").partition(b":")
        match field:
            case b"event":
                name = value.strip().decode()
            case b"data":
                data += value
            case b"" if data and line in (b"\n", b"\r\n"):
                said = json.loads(data)
                if not isinstance(said, dict):
                    raise ValueError("an event that is no JSON object")
                yield name, said
                name, data = "", b""


class Lines:
    """Rows of parts as lines below each other; what the columns are is said again when it changes."""

    def __init__(self) -> None:
        """Nothing was shown yet."""
        self._names: list[str] = []
        self._widths: list[int] = []

    def of(self, rows: Sequence[dict[str, Any]]) -> list[str]:
        """A line for each row, with its number in front where there are several; null is `-`."""
        if not rows:
            return []
        names = list(rows[0]) if len(rows) == 1 else ["row", *rows[0]]
        lines = [[cell(value) for value in row.values()] for row in rows]
        if len(rows) > 1:
            lines = [[str(number), *line] for number, line in enumerate(lines)]
        if names != self._names:
            self._names, self._widths = names, [0] * len(names)
            lines.insert(0, names)
        self._widths = [max(len(text) for text in column) for column in zip(self._blank(), *lines, strict=True)]
        return ["  ".join(map(str.ljust, line, self._widths)).rstrip() for line in lines]

    def _blank(self) -> list[str]:
        return [" " * width for width in self._widths]

"""One key of trimtab.toml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["ANY", "Key", "KeyKind"]

KeyKind: TypeAlias = Literal[
    "name", "text", "source", "function", "file", "files", "globs", "choice", "integer", "number", "boolean",
    "size", "duration", "numbers", "shape", "scalars", "texts", "scopes", "roles", "policy", "destinations",
    "percents", "bound", "split", "yardstick", "required", "place", "pattern", "secret",
]  # fmt: skip

ANY: Final = "NAME"  # in a path: any name, such as a column's


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its dotted path (`NAME` is any name), what it holds, its default as it is written, one line of doc.

    low, high: inclusive limits of a number, in the unit's base for sizes (bytes) and durations (seconds).
    """

    path: str
    kind: KeyKind
    doc: str
    default: str | float | None = None
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    example: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The path as its names."""
        return tuple(self.path.split("."))

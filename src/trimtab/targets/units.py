"""Writes units of systemd: sections of settings, with what systemd would take for its own escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Unit", "command_line"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit file: by section, what it says; a setting that stands there several times has several values."""

    sections: Mapping[str, Mapping[str, str | Sequence[str]]]

    def __str__(self) -> str:
        """The text of the file."""
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key}={one}\n" for key, value in said.items() for one in _each(value))
            for name, said in self.sections.items()
        )


def _each(value: str | Sequence[str]) -> Sequence[str]:
    found = (value,) if isinstance(value, str) else value
    for one in found:
        if "\n" in one or "\0" in one:
            raise ValueError(f"a setting of a unit is one line, not {one!r}")
    return found


def command_line(words: Sequence[str]) -> str:
    """As `ExecStart=` wants it: quoted, so that each word stays one and nothing in it is a variable or a specifier."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    plain = word.replace("%", "%%").replace("$", "$$")
    if plain and all(char.isalnum() or char in "/._-=:@%$+,~" for char in plain):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'

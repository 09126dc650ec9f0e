r"""A Containerfile of values, never of pasted text: every word is quoted for the parser that will read it.

The form is that of Dockerfiles: JSON arrays where they are to be had, double quotes elsewhere, in which `$`, `"` and
`\` have a backslash before them. A line break cannot be quoted there, so a word that holds one is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from trimtab.bundle.image.config import HOME, USER, Running
from trimtab.core.errors import Problem, UserError

__all__ = ["Add", "Containerfile", "Exec", "From", "Health", "Pairs", "Plain", "checked_word", "containerfile_of"]

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._:/-]+")


@dataclass(frozen=True, slots=True)
class From:
    """`FROM` an argument `BASE`, whose default is the image's name, where it has one that others can reach."""

    image: str = ""

    def __str__(self) -> str:
        """The two lines."""
        if self.image and not _REFERENCE.fullmatch(self.image):
            raise _unfit(self.image, "the base's name")
        return f"ARG BASE{f'={self.image}' if self.image else ''}\nFROM ${{BASE}}"


@dataclass(frozen=True, slots=True)
class Add:
    """`ADD` a packed layer of the build context, which the builder unpacks at `/`."""

    file: str

    def __str__(self) -> str:
        """The line."""
        return f"ADD {json.dumps([checked_plain(self.file), '/'])}"


@dataclass(frozen=True, slots=True)
class Pairs:
    """`ENV` or `LABEL` of names and values, a line each."""

    word: str
    pairs: Mapping[str, str]

    def __str__(self) -> str:
        """The lines."""
        return "\n".join(f"{self.word} {_quoted(key)}={_quoted(value)}" for key, value in self.pairs.items())


@dataclass(frozen=True, slots=True)
class Plain:
    """An instruction with one word that needs no quotes: `USER`, `WORKDIR`, `EXPOSE`, `STOPSIGNAL`."""

    word: str
    value: str

    def __str__(self) -> str:
        """The line."""
        return f"{self.word} {checked_plain(self.value)}"


@dataclass(frozen=True, slots=True)
class Exec:
    """`ENTRYPOINT` or `CMD` as an array: no shell reads it, and nothing in it is expanded."""

    word: str
    command: Sequence[str]

    def __str__(self) -> str:
        """The line."""
        return f"{self.word} {json.dumps([checked_word(one) for one in self.command])}"


@dataclass(frozen=True, slots=True)
class Health:
    """`HEALTHCHECK` by a program, as the image's config has it."""

    command: Sequence[str]

    def __str__(self) -> str:
        """The line."""
        return f"HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 {Exec('CMD', self.command)}"


Instruction: TypeAlias = From | Add | Pairs | Plain | Exec | Health


@dataclass(frozen=True, slots=True)
class Containerfile:
    """Instructions in their order."""

    instructions: tuple[Instruction, ...]

    def __str__(self) -> str:
        """The text of the file; UserError P278 for a word that no quoting makes safe."""
        return "".join(f"{one}\n" for one in self.instructions if str(one))


def containerfile_of(base: str, files: Sequence[str], running: Running) -> Containerfile:
    """The file that gives an image of the same layers: these files, in this order, on the base."""
    return Containerfile(
        (
            From(base),
            *(Add(file) for file in files),
            Pairs("ENV", running.environment),
            Pairs("LABEL", running.labels),
            Plain("WORKDIR", HOME),
            Plain("USER", USER),
            *(Plain("EXPOSE", str(port)) for port in running.ports),
            Plain("STOPSIGNAL", "SIGTERM"),
            Health(running.health),
            Exec("ENTRYPOINT", running.entrypoint),
            Exec("CMD", running.command),
        )
    )


def checked_word(word: str) -> str:
    """The word, if it is one line of printable text; UserError P278 for another."""
    if not word.isprintable():
        raise _unfit(word, "a label, variable or argument")
    return word


def checked_plain(word: str) -> str:
    """The word, if no parser can take it for anything else."""
    if not _PLAIN.fullmatch(word):
        raise _unfit(word, "a name in a Containerfile")
    return word


def _quoted(word: str) -> str:
    return '"' + re.sub(r'(["\\$])', r"\\\1", checked_word(word)) + '"'


def _unfit(word: str, what: str) -> UserError:
    return UserError(Problem("P278", f"{word[:100]!r} cannot be {what}", hint="use printable characters on one line"))

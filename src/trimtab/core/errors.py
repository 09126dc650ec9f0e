"""Errors that say what, where and what to type next, and never mention a transport.

The wall that meets the outside translates: the command line into an exit status, the server into an HTTP status.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["OutsideError", "Problem", "RefusedError", "TrimtabError", "UserError", "did_you_mean"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, what with its values, the place, a command or an edit that helps."""

    code: str
    what: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """The problem in the house form, as the command line prints it."""
        text = f"error[{self.code}]: {self.what}"
        if self.where:
            text += f"\n  at {self.where}"
        if self.hint:
            text += f"\n\nhint: {self.hint}"
        return text


class TrimtabError(Exception):
    """Everything trimtab refuses or fails at; carries all problems found, not only the first."""

    exit_status = 3

    def __init__(self, *problems: Problem) -> None:
        """At least one problem; their order is the order in which a reader should mend them."""
        if not problems:
            raise ValueError("an error needs at least one problem")
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """All problems, a blank line between them."""
        return "\n\n".join(str(problem) for problem in self.problems)


class UserError(TrimtabError):
    """The user's input is wrong: a file, a key, a row (exit status 2)."""

    exit_status = 2


class RefusedError(TrimtabError):
    """A proof, gate, flight or monitor said no (exit status 1)."""

    exit_status = 1


class OutsideError(TrimtabError):
    """Something outside failed: the network, the disk, another program (exit status 3)."""

    exit_status = 3


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """A hint that names the nearest valid name, or lists the valid ones when none is near."""
    names = sorted(valid)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return "valid: " + ", ".join(f"`{name}`" for name in names) if names else ""

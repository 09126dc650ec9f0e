"""What is wrong with entries of truth and feedback: all of it at once, each fault with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trimtab.core.errors import Problem, UserError

__all__ = ["KEPT", "EntriesError", "EntryFault", "Faults"]

KEPT: Final = 50  # faults that are named; the rest is counted


@dataclass(frozen=True, slots=True)
class EntryFault:
    """One thing that is wrong. entry: counted from 0, or where it is; None for one alone. key: empty for all of it."""

    entry: int | str | None
    key: str
    what: str
    hint: str = ""

    @property
    def place(self) -> str:
        """`entry 3, `score``; empty for all of what was sent."""
        entry = f"entry {self.entry}" if isinstance(self.entry, int) else self.entry
        return ", ".join([*filter(None, [entry]), *([f"`{self.key}`"] if self.key else [])])


class Faults:
    """Collects them; so many that nobody would read them cost no memory."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self.named: list[EntryFault] = []
        self.more = 0

    def add(self, fault: EntryFault) -> None:
        """One fault more."""
        if len(self.named) < KEPT:
            self.named.append(fault)
        else:
            self.more += 1

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.named)

    def problems(self, code: str) -> tuple[Problem, ...]:
        """Each as a problem of that code, and how many more there are."""
        problems = [Problem(code, fault.what, fault.place, fault.hint) for fault in self.named]
        if self.more:
            problems.append(Problem(code, f"{self.more} faults more like these"))
        return tuple(problems)


class EntriesError(UserError):
    """Entries of which none is taken, since some are wrong."""

    def __init__(self, faults: Faults, code: str = "P940") -> None:
        """At least one fault."""
        super().__init__(*faults.problems(code))
        self.faults = faults

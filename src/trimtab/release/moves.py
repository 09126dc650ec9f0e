"""What comes next in a release that is under way, out of what is written down: the same for whoever was killed.

kill where                          what the record has    what whoever comes next does
before `begun` is written           nothing                plans and judges anew
after `begun`                       `begun`                all of it; to apply the same twice is to apply it once
a challenger is beside, not flown   `beside`               puts it there once more, and flies it
in the flight                       `beside`               goes on with the flight as its own ledger has it
the flight is over                  `beside`               reads how it came out, and writes that down
between applied and `applied`       `flown`, or `begun`    applies once more
after `applied`                     `applied`              asks the golden rows, and ends
while it goes back                  any of these           finds the same fault, and goes back
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from trimtab.core.attestations import Measure
from trimtab.release.history import Release
from trimtab.release.ledger.flights import Outcome

__all__ = ["Flown", "Move", "is_free", "move_of"]

Move: TypeAlias = Literal["put beside", "fly", "note flown", "apply", "prove", "go back", "take away"]
_WELL: frozenset[Outcome] = frozenset({"promoted", "finished"})


@dataclass(frozen=True, slots=True)
class Flown:
    """How the flight of a release stands. outcome: None while it is on. where: the limit that was broken.

    ledger: the folder that has all of it.
    """

    flight: str
    outcome: Outcome | None = None
    why: str = ""
    where: str = ""
    ledger: str = ""
    measures: tuple[Measure, ...] = ()

    @property
    def well(self) -> bool:
        """Whether it came to its end with every limit kept."""
        return self.outcome in _WELL


def move_of(release: Release, flown: Flown | None, fault: str, *, here: bool) -> Move:
    """The next step. flown: its flight, None where none is known here. fault: why it goes back, empty if it does not.

    here: this process has put the challenger beside what is live, and nothing has come since.
    """
    if fault:
        return "go back"
    if release.begun.why == "withdraw":
        return "take away"
    if "applied" in release.steps:
        return "prove"
    if not release.begun.flight or "flown" in release.steps:
        return "apply"
    if flown is None:
        return "fly" if here else "put beside"
    if flown.outcome is None:
        return "fly"
    return "note flown" if flown.well else "go back"


def is_free(release: Release, owner: str, now: float, *, alive: bool | None) -> bool:
    """Whether that process may go on with it: it is its own, or whoever had it is dead, or silent for too long.

    alive: whether its owner runs; None where that cannot be seen from here.
    """
    return release.owner == owner or alive is False or (alive is None and now >= release.lease)

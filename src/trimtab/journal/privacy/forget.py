"""Forgetting a person: everything that the journal holds of them goes, and a tombstone tells that it did.

Rows are taken away, not hidden behind a key: what is left can be read by anybody with any tool, and holds nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.journal.folder import Folder
from trimtab.journal.privacy.keys import Keys
from trimtab.journal.privacy.sweep import clean
from trimtab.journal.privacy.tombstones import Tombstone, begin, tombstones
from trimtab.journal.privacy.writers import ask_writers, wait_for_more
from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.libraries import need_arrow
from trimtab.journal.seal.seal import seal_alone
from trimtab.journal.segments.growing import SUFFIX

__all__ = ["Forgot", "Patience", "forget"]

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long writers are waited for, and by which clocks."""

    seconds: float = 15.0
    pause_s: float = 0.25
    clock: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Forgot:
    """What became of it. path: of the tombstone, which names segments that may hold more.

    Those are still written to, or cannot be sealed; they are cleaned when they are. problems: why they could not be
    sealed. busy: another process was at the journal all the time, and nothing has been cleaned.
    """

    path: Path
    tombstone: Tombstone
    problems: tuple[Problem, ...] = field(default=())
    busy: bool = False

    @property
    def rows(self) -> dict[str, dict[str, int]]:
        """Lines of interactions that went, by endpoint and day."""
        found: dict[str, dict[str, int]] = {}
        for place, count in self.tombstone.rows.items():
            endpoint, day = (part.partition("=")[2] for part in place.split("/")[1:3])
            days = found.setdefault(endpoint, {})
            days[day] = days.get(day, 0) + count
        return found

    def records(self, stream: str) -> int:
        """Entries of truth or feedback that went."""
        return sum(count for place, count in self.tombstone.records.items() if place.startswith(f"{stream}/"))

    def unfinished(self) -> OutsideError | None:
        """Why it is not done yet, P958; None where it is."""
        if self.tombstone.done:
            return None
        waits = self.tombstone.waits
        shown = ", ".join(f"`{name}`" for name in waits[:_SHOWN]) + (" and more" if len(waits) > _SHOWN else "")
        what = f"{len(waits)} of the journal's segments may hold more and cannot be sealed yet: {shown}"
        if self.busy:
            what = "another process was at the journal all the time, and nothing has been cleaned yet"
        hint = "the tombstone stays: the journal's keeper finishes, or run it again when the servers have ended"
        return OutsideError(Problem("P958", what, str(self.path), hint), *self.problems)


NO_HURRY: Final = Patience()


def forget(folder: Folder, keys: Keys, person: object, patience: Patience = NO_HURRY) -> Forgot:
    """Forget a person by the value that they have in the subject's column; rows that are asked for later stay.

    Whatever interrupts it, the tombstone is there first: the next one, or the journal's keeper, finishes. UserError
    P955 for nobody, P920 without pyarrow; OutsideError P957 for files that cannot be cleaned; OSError.
    """
    subject = keys.subject(person)
    if not subject:
        raise UserError(Problem("P955", "an empty text is nobody", "SUBJECT", "the value in the subject's column"))
    need_arrow()
    path = begin(folder, subject, patience.clock(), (one.stem for one in folder.segments.glob(f"*{SUFFIX}")))
    ask_writers(folder)
    until = patience.steady() + patience.seconds
    problems: tuple[Problem, ...] = ()
    busy = True
    while True:
        with alone(folder.path) as mine:
            if mine:
                problems = seal_alone(folder).problems
                clean(folder)
                busy = False
                if not wait_for_more(folder, path):
                    break
        if patience.steady() >= until:
            break
        patience.sleep(patience.pause_s)
    return Forgot(path, tombstones(folder)[path], problems, busy)

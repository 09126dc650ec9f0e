"""What a record of releases is; `trimtab.testing.check_record` holds one against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from trimtab.bundle.evidence import Evidence
from trimtab.core.errors import Problem, RefusedError
from trimtab.release.ledger.lines import Entry

__all__ = ["MovedError", "Record", "moved"]


class MovedError(RefusedError):
    """Somebody else has written meanwhile: look again, and decide anew."""


def moved(where: str) -> MovedError:
    """What a record raises; where: its file or its ref."""
    return MovedError(Problem("P480", "somebody else has written to the record meanwhile", where, "type it again"))


class Record(Protocol):
    """A ledger that several may append to, the evidence that goes with it, and files that say what is wanted."""

    def entries(self) -> Sequence[Entry]:
        """All of them, as they are now for everybody; each is held against the one before. UserError P421."""

    def append(self, kind: str, about: str, body: Mapping[str, Any], after: str, files: Mapping[str, str]) -> Entry:
        """The entry, and these files with it, or neither; for good and for everybody when it comes back.

        after: digest of the last entry that was seen, empty for none: MovedError P480 where another one came since.
        files: by path below the record's folder, such as `environments/prod/churn.json`.
        """

    def documents(self, digest: str) -> tuple[Evidence, ...]:
        """What is said of the bundle of that digest; none is verified."""

    def keep(self, digest: str, documents: Iterable[Evidence]) -> None:
        """Keep them, for everybody; one that is there already stays as it is. Order among them does not matter."""

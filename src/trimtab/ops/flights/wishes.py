"""What a person asks of a flight that is on: a file beside the ledger, which whoever directs the flight takes up."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.replacement import Replacement
from trimtab.release.ledger.flights import Wish
from trimtab.release.ledger.plain import plain_of, value_of

__all__ = ["FileWishes", "Wishes"]

_LONGEST: Final = 65536


class Wishes(Protocol):
    """The newest wish of anybody."""

    def read(self) -> Wish | None:
        """What is asked for now."""

    def done(self, wish: Wish) -> None:
        """It was taken up: nobody needs to see it again."""


class FileWishes:
    """Of one endpoint, in a file that is there as a whole or not at all."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        """folder: of the ledger."""
        self.path = folder / f"{endpoint}.wish.json"

    def write(self, wish: Wish) -> None:
        """From now on this is what is asked for. OutsideError P425 where it cannot be written."""
        try:
            with Replacement(self.path, 0o600) as draft:
                draft.file.write(json.dumps(plain_of(wish)).encode())
                draft.commit(overwrite=True)
        except OSError as error:
            what = f"nothing can be asked of the flight: {(error.strerror or str(error)).lower()}"
            raise OutsideError(Problem("P425", what, str(self.path))) from error

    def read(self) -> Wish | None:
        """What is asked for now; what cannot be understood is nothing."""
        try:
            with self.path.open("rb") as file:
                return value_of(json.loads(file.read(_LONGEST)), Wish)
        except (OSError, ValueError, RecursionError):
            return None

    def done(self, wish: Wish) -> None:
        """Unless another one has taken its place meanwhile, it is gone."""
        if self.read() == wish:
            with suppress(OSError):
                self.path.unlink()

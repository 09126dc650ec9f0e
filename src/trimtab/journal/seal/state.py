"""What a pass leaves for the next one: `keeper.json` in the journal's folder. Lost or spoilt, it is begun anew."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.files import Drafts

__all__ = ["last_reading", "store_reading"]

_NAME: Final = "keeper.json"
_FORMAT: Final = 1


class _State(msgspec.Struct):
    format: int
    clock: Reading


def last_reading(journal: Path) -> Reading | None:
    """The clock as the last pass saw it; None where nobody knows."""
    try:
        state = msgspec.json.decode((journal / _NAME).read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return None
    return state.clock if state.format == _FORMAT else None


def store_reading(journal: Path, clock: Reading) -> None:
    """Leave it for the next pass; OSError."""
    data = msgspec.json.encode({"format": _FORMAT, "clock": asdict(clock)})
    drafts = Drafts(journal)
    drafts.add(journal / _NAME, lambda file: file.write(data))
    drafts.place()

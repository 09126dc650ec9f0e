"""Whose an endpoint is: projects may share a store, where an endpoint of an environment is served by one alias.

`endpoints/<environment>/<name>` in the store has the folder of the one that runs; whose folder is gone has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.bundle.incoming import exclusive, write_synced
from trimtab.targets.local.place import Place

__all__ = ["claimed_by"]

_FOLDER: Final = "endpoints"


def claimed_by(store: Path, place: Place) -> Path | None:
    """None from when the endpoint is that place's; the folder of the other one that has it, and is there."""
    name, environment = place.folder.name, place.folder.parent.name
    note = store / _FOLDER / environment / name
    with exclusive(store):
        try:
            other = Path(note.read_text("utf-8").strip())
        except (FileNotFoundError, UnicodeDecodeError):
            other = place.folder
        if other == place.folder and note.exists():
            return None
        if other != place.folder and Place(other).is_there:
            return other
        note.parent.mkdir(parents=True, exist_ok=True)
        write_synced(note, f"{place.folder}\n")
    return None

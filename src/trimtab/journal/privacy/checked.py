"""Which sealed files were looked at, as they are now, so that a pass looks at what is new alone.

A hidden file beside the tombstones. Lost or spoilt, everything is looked at once more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from trimtab.journal.folder import Folder
from trimtab.journal.seal.files import Drafts

__all__ = ["Checked", "version_of"]

_FORMAT: Final = 1


class _State(msgspec.Struct):
    format: int
    of: dict[str, str]
    files: dict[str, tuple[str, float | None]]


class Checked:
    """What is known of files, by their place in the journal: a number, which says whatever its user wants."""

    def __init__(self, folder: Folder, name: str) -> None:
        """name: of the list; there is one a purpose."""
        self._folder = folder
        self._path = folder.forgotten / f".{name}.json"
        try:
            state = msgspec.json.decode(self._path.read_bytes(), type=_State)
        except (OSError, msgspec.DecodeError):
            state = _State(_FORMAT, {}, {})
        self._known = state if state.format == _FORMAT else _State(_FORMAT, {}, {})
        self._now = _State(_FORMAT, {}, {})

    def begin(self, stream: str, against: str) -> None:
        """What is checked of a stream of files is checked against this; against another, all of it is new."""
        if self._known.of.get(stream) != against:
            self._known.files = {place: of for place, of in self._known.files.items() if not _is_of(place, stream)}
        self._now.of[stream] = against

    def knows(self, path: Path) -> bool:
        """Whether a file was noted as it is now; if so, it stays so."""
        place, version = self._place(path), version_of(path)
        known = self._known.files.get(place)
        if known is None or known[0] != version:
            return False
        self._now.files[place] = known
        return True

    def number(self, path: Path) -> float | None:
        """What was noted of a file that is known, or of one noted since."""
        return self._now.files[self._place(path)][1]

    def note(self, path: Path, number: float | None = None) -> None:
        """Remember a file as it is now."""
        self._now.files[self._place(path)] = version_of(path), number

    def store(self) -> None:
        """Keep it for the next pass, without the files that nobody asked for; OSError."""
        if self._now == self._known:
            return
        data = msgspec.json.encode(self._now)
        drafts = Drafts(self._folder.path)
        drafts.add(self._path, lambda file: file.write(data))
        drafts.place()

    def _place(self, path: Path) -> str:
        return path.relative_to(self._folder.path).as_posix()


def version_of(path: Path) -> str:
    """What tells a file from another one of its name; empty for none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"


def _is_of(place: str, stream: str) -> bool:
    return place.partition("/")[0] == stream

"""Files copied into a folder: of another disk, or of another machine that is mounted here."""

from __future__ import annotations

import os
from typing import BinaryIO, Final

from trimtab.core.replacement import sync_folder
from trimtab.journal.ship.carrier import AwayError, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import LocalFolder, shown
from trimtab.journal.ship.disk import make_folders, put_whole

__all__ = ["LocalCarrier"]

# says that this is the folder that was meant: where a disk is not mounted, the empty folder below has no such file
MARK: Final = "trimtab-archive"
_PIECE: Final = 1 << 20


class LocalCarrier:
    """A `Carrier` to a folder, which is never made; a file `trimtab-archive` in it is, the first time."""

    def __init__(self, destination: LocalFolder, tools: Tools) -> None:
        """Touches nothing."""
        self._root = destination.root
        self._place = shown(destination)
        self._known = tools.known

    def reach(self) -> None:
        """See `Carrier`."""
        try:
            if not self._root.is_dir():
                raise AwayError("the folder is not there", self._place, "make it, or mount what belongs there")
            mark = self._root / MARK
            if not mark.exists():
                if self._known:
                    hint = f"mount what belongs there; if it is another one now, make a file `{MARK}` in it"
                    raise AwayError("this is not the folder that was shipped to before", self._place, hint)
                with mark.open("xb") as file:
                    os.fsync(file.fileno())
                sync_folder(self._root)
        except OSError as error:
            raise self._away(error) from None

    def send(self, parcel: Parcel) -> bool:
        """See `Carrier`."""
        target = self._root / parcel.name
        try:
            make_folders(target.parent, self._root)
            put_whole(target, lambda file: _copy(parcel, file))
        except OSError as error:
            raise self._away(error) from None
        return True

    def close(self) -> None:
        """See `Carrier`."""

    def _away(self, error: OSError) -> AwayError:
        return AwayError(f"the folder refuses: {(error.strerror or str(error)).lower()}", self._place)


def _copy(parcel: Parcel, target: BinaryIO) -> None:
    size = 0
    while piece := _read(parcel.file, parcel.name):
        size += len(piece)
        target.write(piece)
    if size != parcel.size:
        raise DamagedError(f"{size} bytes could be read of {parcel.size}", parcel.name)


def _read(file: BinaryIO, name: str) -> bytes:
    try:
        return file.read(_PIECE)
    except OSError as error:
        raise DamagedError(f"it cannot be read: {(error.strerror or str(error)).lower()}", name) from None

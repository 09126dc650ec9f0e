"""One segment while it is being written: locked, and at any time but during a write made of whole frames only."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from trimtab.journal.segments.files import Files
from trimtab.journal.segments.frames import Frame, encode, header, mark_of

__all__ = ["SUFFIX", "Growing"]

SUFFIX: Final = ".seg"
_DRAFT: Final = ".new"  # until the file is locked and has its header: nobody ever sees a new segment without either


class Growing:
    """`size`: bytes of whole frames and header; `synced`: so many of them survive a power cut.

    `doubted`: a write could not be taken back, or a sync failed: nothing more may be written, and nothing that is not
    synced yet may be relied on, since the system may have thrown it away and will not say so twice.
    """

    __slots__ = (
        "_file",
        "_files",
        "_folder",
        "_named",
        "created",
        "doubted",
        "empty",
        "mark",
        "name",
        "size",
        "synced",
    )

    def __init__(self, folder: Path, name: str, created: float, first: Sequence[Frame], files: Files) -> None:
        """Begins it with these frames; OSError, and nothing is there, when that cannot be done."""
        self.name, self.created = name, created
        self.size = self.synced = 0
        self.doubted = self._named = False
        self._folder, self._files, self.mark = folder, files, mark_of(name)
        draft = folder / f"{name}{_DRAFT}"
        self._file = files.create(draft)
        try:
            self.append(header(name, created) + encode(first, self.mark))
            files.rename(draft, self.path)
        except BaseException:
            self.discard(draft)
            raise
        self.empty = self.size  # bytes without anything that was to be kept

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._folder / f"{self.name}{SUFFIX}"

    def write(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Append them all, in one call of the system; or OSError, and none of them is there, if it can be helped."""
        self.append(encode(frames, self.mark))

    def append(self, data: bytes) -> None:
        """As `write`, of frames as they stand in a segment with this mark."""
        try:
            done = self._files.write(self._file, data)
            if done < len(data):
                self._rest(data[done:])
            self.size += len(data)
        except BaseException:
            self.cut(self.size)
            raise

    def _rest(self, data: bytes) -> None:
        """The next call says what is in the way, or there is room again."""
        while data:
            done = self._files.write(self._file, data)
            if not done:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(self.path))
            data = data[done:]

    def cut(self, size: int) -> None:
        """Leave only so many bytes; if that fails it is doubted from now on."""
        try:
            self._files.truncate(self._file, size)
        except OSError:
            self.doubted = True
        else:
            self.size = size

    def sync(self) -> None:
        """What was written survives a power cut; OSError when it may not, and from then on it is doubted."""
        try:
            self._files.sync(self._file)
            if not self._named:
                self._files.sync_folder(self._folder)
        except BaseException:
            self.doubted = True
            raise
        self._named = True
        self.synced = self.size

    def flush(self) -> None:
        """As `sync`, from a thread beside the one that writes: what it made safe is not counted, but a fault is.

        The system tells of a fault once; so after one that this call was told of, no sync can be believed.
        """
        try:
            self._files.sync(self._file)
            if not self._named:
                self._files.sync_folder(self._folder)
                self._named = True
        except BaseException:
            self.doubted = True
            raise

    def end(self) -> None:
        """Let it go, or throw it away if there is nothing in it."""
        if self.size > self.empty:
            self.close()
        else:
            self.discard()

    def close(self) -> None:
        """Let it go: from now on it is whoever's that takes it."""
        with suppress(OSError):  # what a close may still report, a sync was there to report
            self._files.close(self._file)

    def discard(self, draft: Path | None = None) -> None:
        """Let it go with all that is in it."""
        for path in (self.path, *((draft,) if draft else ())):
            with suppress(OSError):
                self._files.remove(path)
        self.close()

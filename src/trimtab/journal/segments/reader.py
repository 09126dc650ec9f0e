"""Segments as others see them: while they are written, after their writer has died, and when they are damaged."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.journal.folder import Folder
from trimtab.journal.segments.frames import FORMAT, HEADER_SIZE, Frame, Header, mark_of, parse_header
from trimtab.journal.segments.growing import SUFFIX
from trimtab.journal.segments.scan import Damage, What, scan

__all__ = ["Damage", "Segment", "segments"]

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Segment:
    """An open segment, which stays readable when its name goes.

    created: seconds since 1970, UTC. locked: a writer had it when it was opened; when not, nobody will write to it.
    damage: what the last `frames()` has met. end: where its last whole frame ended, for who reads on from there.
    """

    def __init__(self, path: Path) -> None:
        """FileNotFoundError when it has gone; UserError P906 when its format is newer."""
        self.path, self.name = path, path.name.removesuffix(SUFFIX)
        self.damage: list[Damage] = []
        self.end = 0
        self._file = os.open(path, _OPEN)
        try:
            self.locked = not self._take(fcntl.LOCK_SH)
            if not self.locked:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            head = self._header()
            self.created = head.created if head else os.fstat(self._file).st_mtime
        except BaseException:
            self.close()
            raise
        self._whole = head is not None
        self._mark = mark_of(head.name if head else self.name)

    def _header(self) -> Header | None:
        head = parse_header(os.pread(self._file, HEADER_SIZE, 0))
        if head is not None and head.format > FORMAT:
            what = f"the segment has format {head.format}, and this trimtab reads up to {FORMAT}"
            raise UserError(Problem("P906", what, str(self.path), "pip install --upgrade trimtab"))
        return head

    @property
    def size(self) -> int:
        """Bytes that it has now."""
        return os.fstat(self._file).st_size

    def frames(self, start: int = 0) -> Iterator[Frame]:
        """What is whole, in the order in which it was written, up to what is there now.

        start: an `end` of before. Of a locked segment what does not (yet) end in a whole frame is passed over; of any
        other it is damage. Nothing of a write that failed is there, but while it fails some may be seen.
        """
        size = self.size  # after the lock was looked at: when nobody had it, it does not change
        begin = max(start, HEADER_SIZE)
        self.end, self.damage = size, []
        if not start and not self._whole and size:
            self._note(0, min(size, HEADER_SIZE), "header")

        def met(at: int, end: int) -> None:
            if end < size:
                self._note(at, end, "damaged")
                return
            self.end = at
            if not self.locked:
                self._note(at, end, "torn")

        return scan(self._read, self._mark, (begin, size), met)

    def claim(self) -> bool:
        """Whether it is ours alone from now on, until it is closed; False while another has it."""
        return self._take(fcntl.LOCK_EX)

    def close(self) -> None:
        """Let it go."""
        os.close(self._file)

    def _note(self, at: int, end: int, what: What) -> None:
        self.damage.append(Damage(at, end - at, what))

    def _read(self, at: int, size: int) -> bytes:
        with _refused(self.path):
            return os.pread(self._file, size, at)

    def _take(self, how: int) -> bool:
        try:
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except OSError:  # another has it, or there are no locks here, so that nobody can tell
            return False
        return True


@contextmanager
def segments(folder: Folder) -> Iterator[list[Segment]]:
    """All that are there, the oldest first, open while the block runs; OutsideError P905 when one cannot be read.

    What has gone by then had been sealed before: who looks for Parquet afterwards finds it, and leaves out files of
    segments that are held here.
    """
    found: dict[str, Segment] = {}
    with ExitStack() as stack:
        while new := [name for name in _names(folder.segments) if name not in found]:
            for name in new:
                path = folder.segments / name
                with suppress(FileNotFoundError), _refused(path):
                    found[name] = Segment(path)
                    stack.callback(found[name].close)
        yield sorted(found.values(), key=lambda segment: (segment.created, segment.name))


def _names(folder: Path) -> list[str]:
    """Links and whatever else is not a file are nobody's segments."""
    try:
        with _refused(folder), os.scandir(folder) as entries:
            files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    return [name for name in files if name.endswith(SUFFIX)]


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """What the system refuses is an OutsideError, but for a file that is not there."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        hint = ""
        if error.errno == errno.EMFILE:
            hint = "segments that are no longer written are to be sealed; `ulimit -n` says how many files may be open"
        what = f"the segment cannot be read: {error.strerror or error}"
        raise OutsideError(Problem("P905", what, str(path), hint)) from error

"""Disks that can be filled, taken away and cut off; processes that write and say what they were told."""

from __future__ import annotations

import array
import fcntl
import itertools
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from trimtab.core.interactions import Interaction
from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.interactions.decode import decode, interaction_of
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.segments.frames import Kind, declared
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.records import record_in

SOAK: Final = bool(os.environ.get("SOAK"))  # `make soak` takes its time
_SHUTDOWN: Final = 0x8004587D  # EXT4_IOC_SHUTDOWN
_NO_LOG_FLUSH: Final = struct.pack("I", 2)


def interactions_in(folder: Path) -> list[Interaction]:
    """All interactions of a journal that is not sealed, in the order of their times; nothing of it is damaged."""
    found = []
    with segments(open_folder(folder, create=False)) as all_of_them:
        for segment in all_of_them:
            schemas = {}
            for frame in segment.frames():
                if frame.kind == Kind.SCHEMA:
                    number, text = declared(frame.payload)
                    schemas[number] = Schema.from_json(text)
                elif frame.kind == Kind.INTERACTION:
                    record = decode(frame.payload)
                    found.append(interaction_of(record, schemas[record.schema]))
            assert all(damage.what == "torn" for damage in segment.damage), segment.damage
    return sorted(found, key=lambda one: one.time)


def records_in(folder: Path, stream: str) -> list[dict[str, Any]]:
    """The records of a stream, in the order of their segments."""
    with segments(open_folder(folder, create=False)) as found:
        records = [record_in(one.payload) for each in found for one in each.frames() if one.kind == Kind.RECORD]
    return [record for name, record in records if name == stream]


@dataclass
class Disk:
    """An ext4 file system in a file, or a tmpfs, mounted somewhere."""

    place: Path
    image: Path | None = None

    def cut(self) -> None:
        """From now on nothing reaches the disk, as when the power goes; what is in memory can be read or not."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, _NO_LOG_FLUSH)
        finally:
            os.close(folder)

    def abort(self) -> None:
        """The file system finds a fault in itself, and lets nobody write any more."""
        _run("mount", "-o", "remount,abort", str(self.place))

    def repaired(self) -> None:
        """Taken from under whoever has it open, and mounted anew: a copy, as the old one lives while it is open."""
        assert self.image is not None
        _run("umount", "-l", str(self.place))
        again = self.image.with_suffix(".again")
        shutil.copyfile(self.image, again)
        _run("mount", "-o", "loop", str(again), str(self.place))


def _run(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise OSError(ran.returncode, f"{' '.join(command[:3])}: {ran.stderr.strip()}")


@dataclass
class Disks:
    """Makes disks; all are unmounted in the end."""

    folder: Path
    mounted: list[Path] = field(default_factory=list)
    made: Iterator[int] = field(default_factory=itertools.count)

    def mount(self, *options: str) -> Path:
        """Where something is mounted now."""
        place = self.folder / f"disk{next(self.made)}"
        place.mkdir()
        try:
            _run("mount", *options, str(place))
        except OSError as error:
            pytest.skip(f"needs to mount file systems: {error.strerror}")  # stated reason: containers may forbid it
        self.mounted.append(place)
        return place

    def tmpfs(self, size_kib: int) -> Disk:
        """In memory, of a size."""
        return Disk(self.mount("-t", "tmpfs", "-o", f"size={size_kib}k", "none"))

    def ext4(self, size_mib: int = 16, copy_of: Disk | None = None) -> Disk:
        """In a file of that size; or as the other one's file is now."""
        image = self.folder / f"image{next(self.made)}"
        if copy_of is None:
            with image.open("wb") as file:
                file.truncate(size_mib << 20)
            _run("mkfs.ext4", "-q", "-F", str(image))
        else:
            assert copy_of.image is not None
            shutil.copyfile(copy_of.image, image)
        return Disk(self.mount("-o", "loop", str(image)), image)

    def unmount(self) -> None:
        """All, also those that somebody has open."""
        while self.mounted:
            _run("umount", "-l", str(self.mounted.pop()))
        for image in self.folder.glob("image*"):
            image.unlink()


@pytest.fixture
def disks() -> Iterator[Disks]:
    """Makes disks: disks.tmpfs(1024), disks.ext4(), disks.ext4(copy_of=disk)."""
    if os.geteuid() or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and `mkfs.ext4`, to mount disks of its own")  # stated reason: nobody else may mount
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    made = Disks(folder)
    yield made
    made.unmount()
    shutil.rmtree(folder)


class Logging:
    """A child that writes to a journal; `written` and `safe` are what it has said so far."""

    def __init__(self, root: Path, folder: Path, unsynced: int, more: Sequence[str], before: Sequence[str]) -> None:
        child = [sys.executable, str(root / "tests/doubles/logging_child.py"), str(folder), str(unsynced), *more]
        self.process = subprocess.Popen([*before, *child], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.written: list[int] = []
        self.safe = 0
        assert self.process.stdout is not None
        self._ear = self.process.stdout.fileno()
        self._heard = b""

    def hear(self, lines: int | None = None) -> None:
        """So many lines more; without a number all, once it has ended."""
        while lines is None or self._heard.count(b"\n") < lines:
            more = os.read(self._ear, 1 << 16)
            self._heard += more
            if not more:
                assert lines is None, "the child has ended"
                break
        self._understand(lines)

    def hear_now(self) -> None:
        """What it has said by now."""
        waiting = array.array("i", [0])
        fcntl.ioctl(self._ear, termios.FIONREAD, waiting)
        self._heard += os.read(self._ear, waiting[0]) if waiting[0] else b""
        self._understand()

    def _understand(self, lines: int | None = None) -> None:
        *said, rest = self._heard.split(b"\n")
        for line in said[:lines]:
            what, number = line.split()
            if what == b"written":
                self.written.append(int(number))
            else:
                self.safe = int(number)
        self._heard = b"\n".join([*said[len(said[:lines]) :], rest])

    def kill(self) -> None:
        """At once, and hear what it had said by then."""
        self.process.kill()
        self.hear()
        self.process.wait()


@pytest.fixture
def again() -> Iterator[Callable[[Callable[[Folder], None]], Callable[[], Folder]]]:
    """From what begins a journal, what makes the same one anew each time it is asked: again(begin)()."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))

    def begun(begin: Callable[[Folder], None]) -> Callable[[], Folder]:
        begin(open_folder(work / "first"))

        def made() -> Folder:
            shutil.rmtree(work / "journal", ignore_errors=True)
            shutil.copytree(work / "first", work / "journal")
            return Folder(work / "journal")

        return made

    yield begun
    shutil.rmtree(work)


@pytest.fixture
def logging(root: Path) -> Iterator[Callable[..., Logging]]:
    """Starts such children: logging(folder, unsynced=400, runs=3, before=["strace", ...])."""
    started: list[Logging] = []

    def begin(folder: Path, unsynced: int = 400, runs: int | None = None, before: Sequence[str] = ()) -> Logging:
        started.append(Logging(root, folder, unsynced, [str(runs)] if runs else [], before))
        return started[-1]

    yield begin
    for child in started:
        if child.process.poll() is None:
            child.process.kill()
        child.process.wait()
        assert child.process.stdout is not None
        child.process.stdout.close()

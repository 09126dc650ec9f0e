"""The folder of one endpoint: what was applied there, its rendered files, its server's sockets; one apply at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.targets.faults import no_answer
from trimtab.targets.kept import forget, keep, kept, write
from trimtab.targets.local import launch
from trimtab.targets.local.seat import Seat, bind

__all__ = ["Place"]

_LOOK_S: Final = 0.05
_LOG: Final = 2**20  # bytes, after which a log is put aside
_TAIL: Final = 16 * 2**10
_JOURNAL: Final = "journal"


@dataclass(frozen=True, slots=True)
class Place:
    """Paths of one endpoint. live: what was last applied whole; wanted: what is being applied."""

    folder: Path

    @property
    def seat(self) -> Seat:
        """Of the server that answers."""
        return Seat(self.folder / "seat")

    @property
    def coming(self) -> Seat:
        """Of a server that is to take over."""
        return Seat(self.folder / "coming")

    @property
    def live(self) -> Deployment | None:
        """What was last applied whole."""
        return kept(self.folder / "live.json")

    @property
    def wanted(self) -> Deployment | None:
        """What an apply has begun with and has not ended."""
        return kept(self.folder / "wanted.json")

    @property
    def is_there(self) -> bool:
        """Whether anything was applied, or is being."""
        return any((self.folder / name).exists() for name in ("live.json", "wanted.json"))

    def begin(self, wanted: Deployment) -> None:
        """An apply begins."""
        keep(self.folder / "wanted.json", wanted)

    def end(self, live: Deployment | None) -> None:
        """It has ended; live: what is applied now, None where that is as it was."""
        if live is not None:
            keep(self.folder / "live.json", live)
        forget(self.folder / "wanted.json")

    def write(self, files: Mapping[str, str]) -> None:
        """Have the rendered files say this; what says it already is left alone."""
        for name, text in files.items():
            if self.read(name) != text:
                write(self.folder / name, text)

    def read(self, name: str) -> str | None:
        """What a rendered file says; None where it is not there, or no text."""
        try:
            return (self.folder / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    @property
    def leaving(self) -> Seat:
        """Of a server that another one has taken over from."""
        return Seat(self.folder / "leaving")

    def take_over(self) -> None:
        """The server that was coming is the one that answers; the one before it is leaving."""
        with suppress(FileNotFoundError):
            self.seat.path.replace(self.leaving.path)
        self.coming.path.replace(self.seat.path)

    @contextmanager
    def locked(self, patience_s: float) -> Iterator[None]:
        """No other apply or remove is at work here; OutsideError P502 where one is for longer than that."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.folder.parent / f".{self.folder.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        due = time.monotonic() + patience_s
        try:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > due:
                        raise no_answer("another apply is at work there", str(self.folder), "wait for it") from None
                    time.sleep(_LOOK_S)
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a remove may have gone before
            yield
        finally:
            os.close(lock)

    def start(
        self, command: Sequence[str], root: Path, sockets: Sequence[tuple[str, int]], environ: Mapping[str, str]
    ) -> int:
        """Start a server whose seat is `coming`; where its words begin in the log. sockets: names and descriptors."""
        log = self.folder / "server.log"
        with suppress(FileNotFoundError):
            if log.stat().st_size > _LOG:
                log.replace(log.with_suffix(".log.1"))
        with bind(self.coming.path) as listening, log.open("ab") as out:
            given = [("seat", listening.fileno()), *sockets]
            fds, names = ",".join(str(fd) for _, fd in given), ":".join(name for name, _ in given)
            words = [command[0], "-IS", launch.__file__, fds, names, *command]
            begins = out.tell()
            subprocess.run(
                words, check=True, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out,
                pass_fds=[fd for _, fd in given], env=dict(environ),
            )  # fmt: skip
        return begins

    def words_since(self, begins: int) -> str:
        """What the server has said since, its end."""
        try:
            with (self.folder / "server.log").open("rb") as log:
                log.seek(max(begins, log.seek(0, os.SEEK_END) - _TAIL))
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def clear(self) -> None:
        """Nothing is left of the endpoint; what its journal has stays."""
        for path in [*self.folder.iterdir()] if self.folder.is_dir() else []:
            if path.name == _JOURNAL:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

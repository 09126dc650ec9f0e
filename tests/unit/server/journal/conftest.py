"""A pen that writes into a list, and fails or dawdles when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from trimtab.journal.segments.frames import Frame


class Pen:
    """What `Writer` is to the server, in memory."""

    def __init__(self) -> None:
        self.written: list[Frame] = []
        self.calls: list[str] = []
        self.fails: OSError | None = None
        self.reached = threading.Event()  # somebody has called
        self.goes = threading.Event()  # unset: the disk does not answer
        self.goes.set()

    def _call(self, name: str) -> None:
        self.calls.append(name)
        self.reached.set()
        self.goes.wait(20)
        if self.fails is not None:
            raise self.fails

    def write(self, frames: Sequence[Frame]) -> None:
        self._call("write")
        self.written += frames

    def sync(self) -> None:
        self._call("sync")

    def flush(self) -> None:
        self._call("flush")

    def turn(self) -> None:
        self._call("turn")

    def close(self) -> None:
        self._call("close")


@pytest.fixture
def pen() -> Pen:
    return Pen()

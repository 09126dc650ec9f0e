"""A process and those that it started: who they are, and the end of all of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["below", "children", "end_all"]


def children(pid: int) -> set[int]:
    """The processes that this one started and that are still there."""
    found: set[int] = set()
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found |= set(map(int, (task / "children").read_text().split()))
    return found


def below(pid: int) -> Iterator[int]:
    """The same, and those that they started, and so on."""
    for child in children(pid):
        yield child
        yield from below(child)


def end_all(pid: int) -> None:
    """End the process and all below it; parents are stopped first, so that they start no others."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGSTOP)
    for child in children(pid):
        end_all(child)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)

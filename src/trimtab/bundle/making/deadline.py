"""Code that does not come back is interrupted: a signal raises in it, wherever in Python it computes or waits.

A call of native code is interrupted when it returns. Signals reach the main thread only: in another one there is no
limit.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

__all__ = ["TimeIsUp", "deadline"]

_AGAIN_S = 1.0  # code that catches everything is told again


class TimeIsUp(BaseException):  # no error, so that `except Exception` of a user lets it pass
    """The limit was reached."""


@contextmanager
def deadline(limit_s: float) -> Iterator[None]:
    """Raises TimeIsUp in the block after so many seconds; processes that it started are then ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _children()
    handler = signal.signal(signal.SIGALRM, _raise)
    rest = signal.setitimer(signal.ITIMER_REAL, limit_s, _AGAIN_S)
    try:
        yield
    except TimeIsUp:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for pid in _children() - before:
            _end(pid)
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, *rest)
        signal.signal(signal.SIGALRM, handler)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp


def _children(pid: int | None = None) -> set[int]:
    """The processes that this one, or that one, started and that are still there."""
    found: set[int] = set()
    with suppress(OSError):
        for task in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
            found |= {int(word) for word in (task / "children").read_text().split()}
    return found


def _end(pid: int) -> None:
    """End a process and all below it; a parent first, so that it starts no others."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGSTOP)
    for child in _children(pid):
        _end(child)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)

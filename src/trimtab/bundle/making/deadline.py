"""Code that does not come back is interrupted: a signal raises in it, wherever in Python it computes or waits.

A call of native code is interrupted when it returns. Signals reach the main thread only: in another one there is no
limit.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from trimtab.bundle.proof.family import children, end_all

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
    before = children(os.getpid())
    handler = signal.signal(signal.SIGALRM, _raise)
    rest = signal.setitimer(signal.ITIMER_REAL, limit_s, _AGAIN_S)
    try:
        yield
    except TimeIsUp:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for pid in children(os.getpid()) - before:
            end_all(pid)
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, *rest)
        signal.signal(signal.SIGALRM, handler)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp

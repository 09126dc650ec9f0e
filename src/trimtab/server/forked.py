"""Processes that we fork: they die with their parent, never return into its code, and can be weighed."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from trimtab.server.logs import describe

__all__ = ["as_child", "resident"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def as_child(parent: int, run: Callable[[], int | None]) -> None:
    """The rest of a forked process; `run` gives its exit status. Never returns.

    parent: the process id of the parent before the fork. Standard output is given up: what user code prints is no
    answer of the command's.
    """
    status = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before we could ask to die with it
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        os.dup2(2, 1)
        status = run() or 0
    except BaseException as error:  # noqa: BLE001 - nothing may pass the fork: the parent's code lies below us
        os.write(2, f"{describe(error)['traceback']}\n".encode())
    finally:
        os._exit(status)


def resident(pid: int) -> int:
    """Bytes of a process that are in memory; 0 when it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0

"""Processes that we fork: they die with their parent, never return into its code, and can be weighed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from trimtab.server.logs import Printed, describe

__all__ = ["as_child", "give_back", "keep_freed", "keep_secrets", "resident"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_DUMPABLE: Final = 4  # PR_SET_DUMPABLE
_TRIM_THRESHOLD: Final = -1  # M_TRIM_THRESHOLD
_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD
_KEPT: Final = 16 * 2**20
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def as_child(parent: int, run: Callable[[], int | None], words: int | None = None) -> None:
    """The rest of a forked process; `run` gives its exit status. Never returns.

    parent: the process id of the parent before the fork. words: where all goes that is printed. Without it, what Python
    prints becomes events of the log, and what is below Python goes there as it is. Standard output is given up either
    way: what user code prints is no answer of the command's.
    """
    status = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before we could ask to die with it
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        _speak(words)
        status = run() or 0
    except BaseException as error:  # noqa: BLE001 - nothing may pass the fork: the parent's code lies below us
        with suppress(OSError):
            sys.stderr.write(f"{describe(error)['traceback']}\n")
            sys.stderr.flush()
    finally:
        os._exit(status)


def keep_secrets() -> None:
    """This process leaves no core when it crashes, and no other one of its user reads its memory: it holds keys."""
    ctypes.CDLL(None).prctl(_DUMPABLE, 0)


def give_back() -> None:
    """Free memory goes back to the system, where its library can do that; what is left is shared when forked."""
    with suppress(AttributeError):  # musl
        ctypes.CDLL(None).malloc_trim(0)


def keep_freed() -> None:
    """Memory that is free stays with this process, some of it, for bodies and arrays of up to a few megabytes.

    Otherwise every one of 128 KiB and more is asked of the system and given back, and its pages come one fault each.
    What the environment says of it (mallopt(3)) goes first; a library that has no such wish is left as it is.
    """
    if {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"} & os.environ.keys():
        return
    with suppress(AttributeError):  # musl
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _KEPT // 2)


def _speak(words: int | None) -> None:
    if words is None:
        os.dup2(2, 1)
        beneath = sys.stderr.beneath if isinstance(sys.stderr, Printed) else sys.stderr
        sys.stdout = sys.stderr = Printed(beneath)
        return
    for fd in (1, 2):
        os.dup2(words, fd)
    # line by line: a process that is killed has said what it printed
    sys.stdout = sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115


def resident(pid: int) -> int:
    """Bytes of a process that are in memory; 0 when it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0

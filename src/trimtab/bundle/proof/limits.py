"""Limits of a clean process that loads what came from elsewhere: memory, processor and wall time, files, processes.

The kernel enforces what it can (`setrlimit`). Memory is watched from outside besides, for address space says little of
libraries that reserve more than they use, and a limit of one process says nothing of those that it starts.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.bundle.proof.family import below

__all__ = ["THREADS", "Limits", "confine", "wait"]

THREADS: Final = {
    f"{library}_NUM_THREADS": "4" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
}  # fmt: skip
_NEW_PROCESSES: Final = 0x20000000  # linux/sched.h, CLONE_NEWPID
_SUBREAPER, _DIE_WITH_PARENT = 36, 1  # linux/prctl.h
_POLL_S: Final = 0.05
_FILES_S: Final = 0.5
_SIGNALLED: Final = 128  # what a shell adds to the number of the signal that ended a program


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes: memory of all its processes together, a file, and all files in its folder together."""

    wall_s: float = 300.0
    cpu_s: int = 900
    memory: int = 4 << 30
    file: int = 1 << 28
    files: int = 1 << 30
    processes: int = 64


def confine(request: str) -> None:
    """Put this process under the limits that the request names, if it names some; call it while there is one thread.

    On Linux, its work goes on in a child that numbers its processes by itself where the kernel allows that, so that
    none is left when it ends; this process waits for it and ends with its status.
    """
    plain = json.loads(request).get("limits")
    if plain is None:
        return
    _limit(Limits(**plain))
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    if libc.unshare(_NEW_PROCESSES) == 0:
        _stand_for(os.fork(), libc)  # the first process there is ignored by signals, and must reap all others
    _stand_for(os.fork(), libc)


def _limit(limits: Limits) -> None:
    import resource

    for kind, limit in (
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_CORE, 0),
        # private memory that can be written: reserved address space is none; twice, for stacks that are not used
        (resource.RLIMIT_DATA, 2 * limits.memory),
    ):
        _, hard = resource.getrlimit(kind)
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with suppress(ValueError, OSError):  # not on this platform
            resource.setrlimit(kind, (most, most))


def _stand_for(child: int, libc: ctypes.CDLL) -> None:
    """In the child, return; in its parent, wait for it and end as it did."""
    if child == 0:
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        return
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else _SIGNALLED - code)


def wait(process: subprocess.Popen[bytes], folder: Path, limits: Limits) -> tuple[int | None, str]:
    """The exit status of the process, or None and which limit it went over. folder: where it may write."""
    end = time.monotonic() + limits.wall_s
    look = 0.0
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(_POLL_S), ""
        pids = [process.pid, *below(process.pid)]
        now = time.monotonic()
        if len(pids) > limits.processes:
            return None, f"it started more than {limits.processes} processes"
        if _memory(pids, limits.memory) > limits.memory:
            return None, f"it took more than {limits.memory >> 20} MiB of memory"
        if now >= look:
            look = now + _FILES_S
            if _disk(folder) > limits.files:
                return None, f"it wrote more than {limits.files >> 20} MiB of files"
        if now >= end:
            return None, f"it took longer than {limits.wall_s:g} s"


def _memory(pids: list[int], limit: int) -> int:
    """Bytes of all together; what they share is counted once where it matters, which takes longer to find out."""
    resident = sum(map(_resident, pids))
    return resident if resident <= limit else sum(map(_own_share, pids))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _own_share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(pid)
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def _disk(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118  # many, and quickly
    return total

"""Which process has a release: a name that no other process has, and whether the one of a name still runs."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import Final

__all__ = ["alive", "me", "was_before_restart"]

_PROC: Final = Path("/proc")
_ID: Final = Path("/etc/machine-id")
_FIRST: Final = "4026531836"  # the view of process ids that no container has: PROC_PID_INIT_INO of linux/proc_ns.h
_STARTED: Final = 19  # of the fields after the name in `stat`: clock ticks between boot and the process's start


def me() -> str:
    """This process: `HOST PID STARTED MACHINE`, where MACHINE is a boot, a view of process ids, and a host's id."""
    pid = os.getpid()
    return f"{socket.gethostname()} {pid} {_started(pid)} {_machine()}"


def alive(owner: str) -> bool | None:
    """Whether that process runs; None where that cannot be seen from here: it is of another machine."""
    try:
        host, pid, started, machine = owner.split()
        number = int(pid)
    except ValueError:
        return None
    if host != socket.gethostname():
        return None
    if machine != (ours := _machine()):
        return False if was_before_restart(machine, ours) else None
    return _started(number) == started


def was_before_restart(theirs: str, ours: str) -> bool:
    """Whether their machine is ours before it was started anew, so that nothing of then runs; no container is sure."""
    (boot, space, host), (now, here, us) = ((*one.split("/"), "", "")[:3] for one in (theirs, ours))
    return boot != now and space == here == _FIRST and bool(host) and host == us


def _started(pid: int) -> str:
    """When it was started; empty for none, or one that has ended and waits for its parent to see it."""
    try:
        said = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    rest = said.rpartition(")")[2].split()
    return "" if rest[0] in ("Z", "X") else rest[_STARTED]


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = str((_PROC / "self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return "unknown"
    return f"{boot}/{space}/{_host()}"


def _host() -> str:
    """A word for this host that outlives restarts, and does not tell its id; empty where it has none."""
    try:
        said = _ID.read_bytes().strip()
    except OSError:
        return ""
    return hashlib.sha256(b"trimtab " + said).hexdigest()[:12] if said else ""

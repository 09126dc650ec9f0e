"""Servers as processes: started, weighed with everything that they start themselves, stopped by their ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 15.0


def surroundings() -> dict[str, str]:
    """The environment variables of what is measured: Python's own are left out, or byte code might never be kept."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@dataclass(frozen=True, slots=True)
class Server:
    """A process and the file that its output goes to."""

    child: subprocess.Popen[bytes]
    output: IO[bytes]

    @property
    def said(self) -> str:
        """The end of its output."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace")[-4000:]


def _stat(pid: int | str) -> list[str]:
    """The fields of /proc/PID/stat behind the name; empty for a process that is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def end_cleanly() -> None:
    """From now on SIGTERM ends this program as Ctrl-C does: every server that it started is stopped first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def family(pid: int) -> list[int]:
    """The process, everything it has started, and what is left of its session, by id."""
    stats = {int(path.name): _stat(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}
    members = {pid} | {one for one, stat in stats.items() if stat and int(stat[3]) == pid}
    while more := {one for one, stat in stats.items() if stat and int(stat[1]) in members} - members:
        members |= more
    return sorted(members)


def cpu_s(pid: int) -> float:
    """CPU seconds spent so far by the family, and by those that it has waited for."""
    stats = [stat for member in family(pid) if (stat := _stat(member))]
    return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / TICKS


def pss_mb(pid: int) -> float:
    """Proportional set size of the family, in MB (10^6 bytes): shared pages count by their share."""
    return sum(_memory_mb(pid, "Pss:"))


def largest_mb(pid: int) -> float:
    """Resident in the largest process of the family, in MB: shared pages count as a whole."""
    return max(_memory_mb(pid, "Rss:"))


def _memory_mb(pid: int, kind: str) -> list[float]:
    found = [0.0]
    for member in family(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            found.append(sum(int(line.split()[1]) for line in lines if line.startswith(kind)) * 1024 / 1e6)
    return found


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(command: Sequence[str], cwd: Path, extra: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The process, a session of its own; stopped with all of its family at the end."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=surroundings() | dict(extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield Server(child, output)
        finally:
            stop(child)


def stop(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM first; what is left of the family after a while is killed, each by its id."""
    members = family(child.pid)
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE_S)
    left = {member for member in {*members, *family(child.pid)} if _alive(member)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal([*left], number)
        deadline = time.monotonic() + PATIENCE_S / 3
        while (left := {member for member in left if _alive(member)}) and time.monotonic() < deadline:
            time.sleep(0.05)
    child.wait()


@contextmanager
def standing_still(pids: Sequence[int]) -> Iterator[None]:
    """These families are stopped meanwhile, and go on afterwards.

    A parent stops before its children and goes on after them, so that it does not find them silent.
    """
    families = [family(pid) for pid in pids]  # in the order of their ids, in which they mostly began
    try:
        for members in families:
            _signal(members, signal.SIGSTOP)
        yield
    finally:
        for members in families:
            _signal(members[::-1], signal.SIGCONT)


def _signal(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _alive(pid: int) -> bool:
    stat = _stat(pid)
    return bool(stat) and stat[0] != "Z"

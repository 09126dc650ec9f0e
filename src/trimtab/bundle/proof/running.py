"""Starts the clean process: no environment or folder of the user, and an end to it and all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from trimtab.bundle.proof.family import end_all
from trimtab.bundle.proof.limits import THREADS, Limits, wait

__all__ = ["LIBRARIES", "PATIENT", "Ran", "run"]

LIBRARIES: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where an interpreter may need to find its own
# native threads that wait by spinning take the processor from those they wait for; OpenBLAS: 2**4 cycles, not 2**26
PATIENT: Final[Mapping[str, str]] = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_THREAD_TIMEOUT": "4"}
_KEPT: Final = ("PATH", *LIBRARIES, "SYSTEMROOT")
_MOST: Final = 200_000  # bytes of what it says that are looked at
_ANSWER: Final = 1 << 26  # bytes of an answer


@dataclass(frozen=True, slots=True)
class Ran:
    """stdout, the end of stderr, the exit status, None when the time was up, and which limit was passed."""

    out: str
    err: str
    status: int | None
    over: str


def run(home: Path, program: list[str], limit_s: float, limits: Limits | None) -> Ran:
    """Run Python with the program text and its one argument; home: an empty folder, its only place to write."""
    import trimtab

    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"HOME": str(home), "TMPDIR": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    environment |= PATIENT
    if limits is not None:
        environment |= THREADS
    work = home / "work"
    work.mkdir()
    start, request = program
    ours = [str(Path(trimtab.__file__).parents[1]), str(os.getpid())]
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-X", "faulthandler", "-c", start, *ours, request]
    with (home / "stdout").open("w+b") as out, (home / "stderr").open("w+b") as err:
        process = subprocess.Popen(
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        status: int | None = None
        over = ""
        try:
            if limits is None:
                status = process.wait(limit_s)
            else:
                status, over = wait(process, home, limits)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if limits is not None:
                end_all(process.pid)
            _end(process)
        return Ran(_tail(out, _ANSWER), _tail(err, _MOST), status, over)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def _tail(stream: IO[bytes], most: int) -> str:
    """The last so many bytes of a file: what it wrote may be more than we want to hold."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - most))
    return stream.read(most).decode(errors="replace")

"""Programs that end with us, whatever ends us: `python leash.py PARENT PROGRAM ...` turns into the program."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

__all__ = ["end", "leashed"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG, which stays when a process becomes another program
_PATIENCE_S: Final = 10.0


def leashed(
    command: Sequence[str], said: IO[bytes], cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start it with pipes for input and output; what it says on standard error goes to `said`."""
    own = [sys.executable, "-S", "-E", __file__, str(os.getpid()), *command]
    return subprocess.Popen(
        own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        cwd=cwd,
        env=None if environ is None else dict(environ),
    )


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then make it; its pipes are closed."""
    child.terminate()
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _become(parent: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() == parent:  # else it died before we could ask to die with it
        os.execv(command[0], command)  # noqa: S606  # the caller's own argument list


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])

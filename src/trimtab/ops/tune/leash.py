"""Programs that end with us, whatever ends us: `python leash.py PARENT PROGRAM ...` turns into the program."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

__all__ = ["end", "last_of", "leashed", "line_from", "surroundings"]

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


def surroundings() -> dict[str, str]:
    """The environment that a server would have, but for what makes every start compile its libraries anew."""
    left_out = {"PYTHONDONTWRITEBYTECODE", "FUNCTIONS_CUSTOMHANDLER_PORT", "PORT"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def line_from(child: subprocess.Popen[bytes], patience_s: float, clock: Callable[[], float] = time.monotonic) -> bytes:
    """The next line that it prints; empty when it ends or says nothing for so long."""
    assert child.stdout is not None  # noqa: S101  # leashed
    got, until = bytearray(), clock() + patience_s
    while not got.endswith(b"\n"):
        if not select.select([child.stdout], [], [], max(0.0, until - clock()))[0]:
            return b""
        piece = os.read(child.stdout.fileno(), 1 << 20)
        if not piece:
            return b""
        got += piece
    return bytes(got)


def last_of(said: IO[bytes]) -> str:
    """The last that a program said on standard error; of our own errors, what is wrong."""
    said.seek(0)
    lines = [line for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    told: Sequence[str] = [line for line in lines if line.startswith("{")] or lines
    try:
        return str(json.loads(told[-1])["errors"][0]["what"])
    except (IndexError, KeyError, ValueError, TypeError):
        return lines[-1] if lines else "it said nothing"


def _become(parent: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() == parent:  # else it died before we could ask to die with it
        os.execv(command[0], command)  # noqa: S606  # the caller's own argument list


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])

"""Commands that are killed on their way, with all of their process group, before they are let through."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Fate", "Ran"]

LIMIT_S = 100.0  # for one command to end, or to come to where it is killed


@dataclass(frozen=True, slots=True)
class Ran:
    """How it came out in the end. killed: after how many lines of output, and seconds more, it was each time."""

    status: int
    out: str
    err: str
    killed: tuple[tuple[int, float], ...] = ()


@dataclass(slots=True)
class Fate:
    """When what is run is killed: after a number of lines, so that it means the same on a slow machine, and a while.

    times: how often one command is, at most. anywhere: also before the first line that is asked for. seen: all kills,
    by the command.
    """

    chance: random.Random
    times: int
    anywhere: bool = False
    seen: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def run(self, words: Sequence[str], cwd: Path, env: Mapping[str, str], dies: tuple[int, ...] = ()) -> Ran:
        """To its end, after having been killed. dies: between which lines, the same for one, none for never."""
        killed: list[tuple[int, float]] = []
        for _ in range(self.times if dies else 0):
            lines, more_s = self.chance.randint(0 if self.anywhere else dies[0], dies[-1]), self.chance.uniform(0, 0.15)
            if lines == 0:
                more_s += self.chance.uniform(0.1, 0.5)  # Python itself takes that long
            ended = _once(words, cwd, env, (lines, more_s))
            if ended is not None:
                return Ran(ended.status, ended.out, ended.err, tuple(killed))
            killed.append((lines, more_s))
            self.seen.setdefault(" ".join(words), []).append((lines, more_s))
        ended = _once(words, cwd, env, None)
        assert ended is not None
        return Ran(ended.status, ended.out, ended.err, tuple(killed))


def _once(words: Sequence[str], cwd: Path, env: Mapping[str, str], moment: tuple[int, float] | None) -> Ran | None:
    """None where it was killed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(
            words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        try:
            if moment is not None and _comes_to(child, out.fileno(), *moment):
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                return None
            child.wait(LIMIT_S)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        out.seek(0), err.seek(0)
        return Ran(child.returncode, out.read(), err.read())


def _comes_to(child: subprocess.Popen[bytes], out: int, lines: int, more_s: float) -> bool:
    """Whether it has written so many lines, and lived a while more."""
    end = time.monotonic() + LIMIT_S
    while _lines(out) < lines:
        if child.poll() is not None:
            return False
        assert time.monotonic() < end, f"no {lines} lines within {LIMIT_S:g} s"
        time.sleep(0.005)
    try:
        child.wait(more_s)
    except subprocess.TimeoutExpired:
        return True
    return False


def _lines(out: int) -> int:
    return os.pread(out, 1 << 16, 0).count(b"\n")

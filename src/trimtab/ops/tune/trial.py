"""Tries settings for real: `trimtab serve` with each, loaded over loopback, answers held against the golden ones."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self
from urllib.parse import urlsplit

import msgspec

from trimtab.core.errors import OutsideError, Problem
from trimtab.ops.tune.leash import end, last_of, leashed, line_from, surroundings
from trimtab.ops.tune.measured import Level, Trial
from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.subject import Subject
from trimtab.project.edit import with_server

__all__ = ["Stand", "connections_of"]

_START_S: Final = 60.0
_ANSWER_S: Final = 60.0
_WARM: Final = 0.2  # of a segment, which goes before it and is not counted
_SPARE: Final = 0.5  # of the memory that was free at the start stays free


class Stand:
    """Servers that stay up between their trials, as long as there is memory for them, and the load generator."""

    def __init__(self, subject: Subject, kept: Mapping[str, Any], connections: int, segment_s: float) -> None:
        """kept: further keys of `[server]`, which hold in every trial. segment_s: of each level of load."""
        self._subject, self._kept = subject, kept
        self._levels, self._segment_s = connections_of(connections), segment_s
        self._folder = tempfile.TemporaryDirectory(prefix="trimtab-tune-")
        self._servers: OrderedDict[Setting, tuple[subprocess.Popen[bytes], int]] = OrderedDict()
        self._loader: subprocess.Popen[bytes] | None = None
        self._said: list[IO[bytes]] = []
        self._least_free = _free() * _SPARE

    def __enter__(self) -> Self:
        """Start the load generator."""
        self._loader = leashed([sys.executable, "-P", "-m", "trimtab.ops.tune.load"], self._log("load"))
        bodies = [question.body.decode() for question in self._subject.questions]
        _send(self._loader, {"path": self._subject.path, "bodies": bodies})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is left running, and no file."""
        for child, _ in self._servers.values():
            end(child)
        if self._loader is not None:
            end(self._loader)
        for file in self._said:
            file.close()
        self._folder.cleanup()

    def visit(self, arm: int, turn: int, setting: Setting) -> Trial:
        """All levels of load on one setting; a server that fails or answers wrongly is a fault, not an error."""
        try:
            port = self._port(setting)
            warm = self._fire(port, 1, max(self._segment_s * _WARM, 0.05), 0.0)  # the first answers, one by one
            levels = [warm, *(self._fire(port, many, self._segment_s, 0.0) for many in self._levels)][1:]
        except _FaultError as fault:
            self._drop(setting)
            return Trial(arm, turn, fault=str(fault))
        return Trial(arm, turn, tuple(levels))

    def check(self, setting: Setting, rate: float, seconds: float) -> Level | None:
        """Requests that come by chance, so many a second, whatever became of earlier ones; None for a fault."""
        try:
            return self._fire(self._port(setting), 4 * self._levels[-1], seconds, rate)
        except _FaultError:
            self._drop(setting)
            return None

    def _fire(self, port: int, connections: int, seconds: float, rate: float) -> Level:
        assert self._loader is not None  # noqa: S101  # we are entered
        warm_s = seconds * _WARM
        said = {"port": port, "connections": connections, "seconds": seconds, "warm_s": warm_s, "rate": rate, "seed": 1}
        _send(self._loader, said)
        line = line_from(self._loader, _ANSWER_S + seconds)
        if not line:
            raise OutsideError(Problem("P805", "the load generator does not answer", "trimtab tune"))
        told = json.loads(line)
        level = msgspec.convert(told["level"], Level)
        if level.failed and not rate:
            refusal = f": {told['refusal']}" if told["refusal"] else ""
            raise _FaultError(f"{level.failed} of {level.failed + level.requests} requests failed{refusal}")
        for which, answer in told["answers"].items():
            if fault := self._subject.fault(int(which), answer.encode("latin-1")):
                raise _FaultError(fault)
        return level

    def _port(self, setting: Setting) -> int:
        if setting not in self._servers:
            while self._servers and _free() < self._least_free:
                end(self._servers.popitem(last=False)[1][0])
            self._servers[setting] = self._start(setting)
        self._servers.move_to_end(setting)
        child, port = self._servers[setting]
        if child.poll() is not None:
            raise _FaultError(f"the server ended with status {child.returncode}")
        return port

    def _start(self, setting: Setting) -> tuple[subprocess.Popen[bytes], int]:
        """A server under this setting, which stands in a trimtab.toml of its own, as it would in the user's."""
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        # whoever tunes has the bundle's code run already; the policy of the machine holds here too
        text = 'name = "tune"\n[trust]\nallow_code = true\n[model]\npath = "none:none"\n'
        text = with_server(text, {**self._kept, **setting.keys})
        (folder / "trimtab.toml").write_text(text)
        command = [
            sys.executable,
            "-P",  # the folder it is started in has no modules for it
            "-m",
            "trimtab",
            "serve",
            self._subject.reference,
            "--store",
            str(self._subject.store),
        ]
        said = self._log("server")
        child = leashed([*command, "--port", "0", "--json"], said, folder, surroundings())
        line = line_from(child, _START_S)
        if not line:
            end(child)
            raise _FaultError(f"no server: {last_of(said)}")
        return child, int(urlsplit(json.loads(line)["address"]).port or 0)

    def _drop(self, setting: Setting) -> None:
        if setting in self._servers:
            end(self._servers.pop(setting)[0])

    def _log(self, name: str) -> IO[bytes]:
        file = tempfile.TemporaryFile(prefix=name, dir=self._folder.name)  # noqa: SIM115  # closed with the stand
        self._said.append(file)
        return file


class _FaultError(Exception):
    """A setting that does not do what it should."""


def connections_of(most: int) -> tuple[int, ...]:
    """How many ask at once in each level: 1, 4, 16, ... up to the most."""
    powers = [4**at for at in range(12) if 4**at < most]
    return (*powers, most)


def _send(child: subprocess.Popen[bytes], plain: object) -> None:
    assert child.stdin is not None  # noqa: S101  # leashed
    try:
        child.stdin.write(json.dumps(plain).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        raise OutsideError(Problem("P805", "the load generator has ended", "trimtab tune")) from None


def _free() -> float:
    """Bytes of memory that programs may still have."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return float(line.split()[1]) * 1024
    return 0.0

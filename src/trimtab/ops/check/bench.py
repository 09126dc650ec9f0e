"""The bench for real: processes, servers and load on this machine, started when they are needed, ended together."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from trimtab.bundle.read import Bundle
from trimtab.core.closing import Closing
from trimtab.ops.check.asking import Asking
from trimtab.ops.check.subject import Ask, CannotError, Load, Wire
from trimtab.ops.check.wires import wire_to
from trimtab.ops.tune.leash import end, last_of, leashed, line_from, surroundings
from trimtab.ops.tune.subject import subject_of
from trimtab.project.edit import with_server

__all__ = ["RealBench"]

_START_S: Final = 60.0
_ANSWER_S: Final = 60.0
_PARTS: Final = 5  # of a load, whose spread is that of this machine
_WARM: Final = 0.2  # of each part, which goes before it and is not counted
_SAID: Final = 300


class RealBench(Closing):
    """`with` ends all that it started."""

    def __init__(self, store: Path, folder: Path, server: Mapping[str, Any]) -> None:
        """store: the root of the one with the bundles. folder: of the project. server: keys of `[server]`."""
        self._store, self._folder, self._server = store, folder, dict(server)
        self._stack = ExitStack()
        self._home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="trimtab-check-")))
        self._asked: dict[str, Asking] = {}
        self._ports: dict[str, int] = {}
        self._loaders: dict[str, subprocess.Popen[bytes]] = {}
        self._called: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}

    def close(self) -> None:
        """Nothing is left running, and no file."""
        self._stack.close()

    def ask(self, bundle: Bundle) -> Ask:
        """As `Bench` has it."""
        if bundle.digest not in self._asked:
            self._asked[bundle.digest] = self._stack.enter_context(Asking(bundle))
        return self._asked[bundle.digest]

    def wire(self, bundle: Bundle) -> Wire:
        """As `Bench` has it."""
        return wire_to(f"http://127.0.0.1:{self._port(bundle)}")

    def load(self, bundle: Bundle, seconds: float, connections: int) -> tuple[Load, ...]:
        """As `Bench` has it; each part is warmed up by a fifth of its time."""
        port = self._port(bundle)
        if bundle.digest not in self._loaders:
            subject = subject_of(bundle, self._store, 1)
            loader = self._start([sys.executable, "-P", "-m", "trimtab.ops.tune.load"], self._home)[0]
            _write(loader, {"path": subject.path, "bodies": [one.body.decode() for one in subject.questions]})
            self._loaders[bundle.digest] = loader
        each = seconds / _PARTS
        said = {"port": port, "connections": connections, "seconds": each, "warm_s": each * _WARM, "rate": 0, "seed": 1}
        return tuple(self._part(self._loaders[bundle.digest], said) for _ in range(_PARTS))

    def _part(self, loader: subprocess.Popen[bytes], said: Mapping[str, Any]) -> Load:
        _write(loader, said)
        line = line_from(loader, _ANSWER_S + said["seconds"])
        if not line:
            raise CannotError("the load generator does not answer")
        level = json.loads(line)["level"]
        return Load(level["requests"], level["per_s"], level["p50"], level["p99"], level["failed"])

    def pytest(self, tests: Path, folder: Path, timeout_s: float) -> str:
        """As `Bench` has it; the environment is that of whoever checks, the import path the project's."""
        report = self._home / "tests.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", str(tests)]
        child, said = self._start(command, folder)
        try:
            out, _ = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            end(child)
            raise CannotError(f"the tests took longer than {timeout_s:g} s", "`[check] timeout`") from None
        if not report.exists():
            lines = out.decode(errors="replace").strip().splitlines()
            why = lines[-1] if lines else last_of(said)
            raise CannotError(f"pytest left no report: {why[:_SAID]}")
        return report.read_text("utf-8", errors="replace")

    def value(self, function: str, arrays: Mapping[str, Any]) -> Any:
        """As `Bench` has it; one process a function."""
        if function not in self._called:
            place = str(Path(__file__).with_name("called.py"))
            command = [sys.executable, "-P", place, str(self._folder), function]
            self._called[function] = self._start(command, self._folder)
        child, said = self._called[function]
        _write(child, {name: _plain(values) for name, values in arrays.items()})
        line = line_from(child, _ANSWER_S)
        if not line:
            raise CannotError(f"`{function}` does not answer: {last_of(said)[:_SAID]}")
        told = json.loads(line)
        if "error" in told:
            raise CannotError(f"`{function}` fails: {told['error'][:_SAID]}")
        return told["value"]

    def _port(self, bundle: Bundle) -> int:
        """Of a server of that bundle with the project's settings for servers, but nobody's keys and no journal."""
        if bundle.digest in self._ports:
            return self._ports[bundle.digest]
        folder = Path(tempfile.mkdtemp(dir=self._home))
        # whoever checks has the bundle's code run already; the policy of the machine holds here too
        text = 'name = "check"\n[trust]\nallow_code = true\n[model]\npath = "none:none"\n'
        text = with_server(text, self._server) if self._server else text
        (folder / "trimtab.toml").write_text(text)
        inside = bundle.folder.resolve().is_relative_to(self._store.resolve())
        reference = f"{bundle.name}@{bundle.digest}" if inside else str(bundle.folder.resolve())
        words = ["serve", reference, "--store", str(self._store.absolute()), "--port", "0", "--json"]
        child, said = self._start([sys.executable, "-P", "-m", "trimtab", *words], folder)
        line = line_from(child, _START_S)
        if not line:
            raise CannotError(f"no server of the bundle starts: {last_of(said)[:_SAID]}")
        self._ports[bundle.digest] = int(urlsplit(json.loads(line)["address"]).port or 0)
        return self._ports[bundle.digest]

    def _start(self, command: Sequence[str], folder: Path) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        said = tempfile.TemporaryFile(dir=self._home)  # noqa: SIM115  # closed with the bench
        self._stack.callback(said.close)
        child = leashed(command, said, folder, surroundings())
        self._stack.callback(end, child)
        return child, said


def _write(child: subprocess.Popen[bytes], plain: object) -> None:
    assert child.stdin is not None  # noqa: S101  # leashed
    try:
        child.stdin.write(json.dumps(plain).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        raise CannotError("a process that was started for a check has ended") from None


def _plain(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _plain(one) for name, one in values.items()}
    return values.tolist() if hasattr(values, "tolist") else values

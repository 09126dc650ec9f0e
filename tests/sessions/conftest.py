"""Runs `*.console` files: transcripts of a terminal, `$ command` lines followed by what they print.

Each file runs in a fresh folder. `...` stands for any text inside a line, and on a line of its own for any lines. A
first line `# setup: NAME` runs `setups/NAME.py` in the folder before. A command that ends with `&` goes on in the
background, until the end of the session, and counts as done when it has printed what the transcript says. A command
that fails must show an `error[...]`, or be followed by `$ echo $?`. The port 8080 of the text is a free port in truth.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeAlias

import pytest

WRITTEN_PORT = "8080"
PATIENCE_S = 120.0
HERE = Path(__file__).parent
Running: TypeAlias = tuple[subprocess.Popen[bytes], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the output that the transcript shows for it."""

    line: int
    command: str
    expected: str


class SessionError(Exception):
    """What a command printed is not what the transcript says."""


def steps_of(text: str) -> list[Step]:
    """The commands of a transcript; a command goes on after a final backslash, and on lines that begin with `> `."""
    steps: list[Step] = []
    output: list[str] = []
    start, command = 0, ""
    for number, line in enumerate([*text.splitlines(), "$ "], 1):
        if command.endswith("\\") or (command and not output and line.startswith("> ")):
            command += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            if command:
                steps.append(Step(start, command, "\n".join(output).strip("\n")))
            start, command, output = number, line[2:].strip(), []
        elif command:
            output.append(line)
    return steps


def matches(expected: str, got: str) -> bool:
    """Whether the output is what the transcript says; blanks at line ends do not count."""
    parts = []
    for line in expected.splitlines():
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.rstrip().split("...")) + "\n")
    text = "".join(f"{line.rstrip()}\n" for line in got.strip("\n").splitlines())
    return re.fullmatch("".join(parts), text) is not None


class Terminal:
    """A shell in a folder: runs transcripts one after the other, and stops what they left behind when it closes."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self._folder = folder
        self._environ = _environment(folder)
        self._status = 0
        self._background = ExitStack()

    def replay(self, text: str, line: int = 1) -> None:
        """Runs a transcript that begins at the line; SessionError at the first output that differs."""
        steps = [replace(step, line=step.line + line - 1) for step in steps_of(text)]
        for at, step in enumerate(steps):
            if step.command.endswith("&"):
                self._begin(step)
            else:
                self._run(step, asked=at + 1 < len(steps) and steps[at + 1].command == "echo $?")

    def close(self) -> None:
        """Stops what runs in the background."""
        self._background.close()

    def written(self, text: str) -> str:
        """A text of the transcript as it is in truth: with the port that is really listened on."""
        return text.replace(WRITTEN_PORT, self._environ["PORT"])

    def _begin(self, step: Step) -> None:
        command = self.written(step.command[:-1])
        process, shown = self._background.enter_context(_in_background(command, self._folder, self._environ))
        _wait_for(step, process, shown, self._environ)

    def _run(self, step: Step, *, asked: bool) -> None:
        done = subprocess.run(
            ["bash", "-c", f"(exit {self._status}); {self.written(step.command)}"], cwd=self._folder,
            env=self._environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE_S, text=True, check=False,
        )  # fmt: skip
        self._status = done.returncode
        got = done.stdout.replace(self._environ["PORT"], WRITTEN_PORT)
        if not matches(step.expected, got) or (self._status and not asked and "error[" not in step.expected):
            raise SessionError(_difference(step, got, self._status))


def run_session(text: str, folder: Path) -> None:
    """Replays one transcript in a folder."""
    with closing(Terminal(folder)) as terminal:
        terminal.replay(text)


def _environment(folder: Path) -> dict[str, str]:
    """The environment of a session: our command on the path, a free port, no colour, nothing from outside."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    programs = folder.parent / f"{folder.name}-bin"
    programs.mkdir()
    for name, arguments in (("trimtab", "-m trimtab"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (programs / name).chmod(0o755)
    # how this machine reaches its package index is its own affair: certificates, proxies, indexes
    index = re.compile(
        r"HOME|LANG|PYTHONPATH|OMP_WAIT_POLICY|OPENBLAS_THREAD_TIMEOUT|SSL_CERT_\w+|(PIP|UV)_\w+|\w+_proxy",
        re.IGNORECASE,
    )
    kept = {name: value for name, value in os.environ.items() if index.fullmatch(name)}
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return kept | {"PATH": path, "PORT": str(port), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


@contextmanager
def _in_background(command: str, folder: Path, environ: dict[str, str]) -> Iterator[Running]:
    """A command that runs until the block ends, and the file that its output goes to."""
    with tempfile.NamedTemporaryFile() as output:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield process, output
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=PATIENCE_S)


def _wait_for(step: Step, process: subprocess.Popen[bytes], shown: IO[bytes], environ: dict[str, str]) -> None:
    """Returns when the background command has printed what the transcript says."""
    end = time.monotonic() + PATIENCE_S
    while True:
        status = process.poll()
        shown.seek(0)
        got = shown.read().decode().replace(environ["PORT"], WRITTEN_PORT)
        if matches(step.expected, got):
            return
        if time.monotonic() > end or status is not None:
            raise SessionError(_difference(step, got, status or 0))
        time.sleep(0.05)


def _difference(step: Step, got: str, status: int) -> str:
    return f"line {step.line}: $ {step.command}\nexpected:\n{step.expected}\n\ngot (exit status {status}):\n{got}"


class Session(pytest.Item):
    """One transcript as a test."""

    def runtest(self) -> None:
        """Replays the transcript."""
        text = self.path.read_text()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "work"
            folder.mkdir()
            if setup := re.match(r"# setup: (\w+)", text):
                subprocess.run([sys.executable, HERE / "setups" / f"{setup[1]}.py"], cwd=folder, check=True)
            run_session(text, folder)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The difference alone; a traceback of the runner would only hide it."""
        if isinstance(excinfo.value, SessionError):
            return f"{self.path}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """What pytest prints for it."""
        return self.path, 0, f"session {self.path.stem}"


class SessionFile(pytest.File):
    """A file with one transcript."""

    def collect(self) -> Iterator[Session]:
        """Its only test."""
        yield Session.from_parent(self, name=self.path.stem)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Transcripts are tests."""
    return SessionFile.from_parent(parent, path=file_path) if file_path.suffix == ".console" else None


@pytest.fixture(scope="session")
def terminal_in():
    """Opens a terminal in a folder; it is to be closed."""
    return Terminal


@pytest.fixture
def replay(tmp_path):
    """Replays the text of a transcript."""
    (tmp_path / "work").mkdir()
    return lambda text: run_session(text, tmp_path / "work")

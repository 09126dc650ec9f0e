"""How the benchmarks measure: start a server, ask it, weigh it, and stop it; medians and spread of interleaved runs."""

from __future__ import annotations

import http.client
import json
import os
import platform
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_START_S = 120
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to serve the model: how it is started, what it is asked, and how its answer becomes numbers."""

    name: str
    command: Callable[[int], list[str]]
    cwd: Path
    path: str
    body: bytes
    numbers: Callable[[Any], list[float]]


@dataclass(frozen=True, slots=True)
class Run:
    """One start: wall and CPU seconds to the first right answer, the memory then and after more requests."""

    wall_s: float
    cpu_s: float
    pss_mb: float
    pss_later_mb: float


def family(pid: int) -> list[int]:
    """The process and everything it has started, by id."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def pss_mb(pid: int) -> float:
    """Proportional set size of the process and its children, in MB (10^6 bytes): shared pages count by their share."""
    lines = [line for member in family(pid) for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def cpu_s(pid: int) -> float:
    """CPU seconds spent so far by the process, its children, and those that it has waited for."""
    fields = [Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split() for member in family(pid)]
    return sum(int(ticks) for stat in fields for ticks in stat[11:15]) / TICKS


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def ask(contender: Contender, port: int) -> list[float] | None:
    """The numbers of one answer; None while nothing answers, or says that it is not ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", contender.path, contender.body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
    except (ConnectionError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    if response.status == http.client.SERVICE_UNAVAILABLE:
        return None
    assert response.status == http.client.OK, f"{contender.name} answered {response.status}: {body[:500]!r}"
    return contender.numbers(json.loads(body))


@contextmanager
def running(command: Sequence[str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The child process, with its output in a file; stopped by its id at the end."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            yield child
            if child.poll() is not None:
                output.seek(0)
                print(output.read().decode(errors="replace"))
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def start_once(contender: Contender, expected: Sequence[float], requests: int) -> Run:
    """Start, ask until the first answer, which must be right, then ask `requests` times more."""
    port = free_port()
    begin = time.perf_counter()
    with running(contender.command(port), contender.cwd) as child:
        while (answer := ask(contender, port)) is None:
            assert child.poll() is None, f"{contender.name} ended before it answered"
            assert time.perf_counter() - begin < LONGEST_START_S, f"{contender.name} does not answer"
            time.sleep(0.002)
        wall, cpu, weight = time.perf_counter() - begin, cpu_s(child.pid), pss_mb(child.pid)
        check(contender, answer, expected)
        for _ in range(requests):
            again = ask(contender, port)
            assert again is not None, f"{contender.name} stopped answering"
            check(contender, again, expected)
        return Run(wall, cpu, weight, pss_mb(child.pid))


def check(contender: Contender, answer: Sequence[float], expected: Sequence[float]) -> None:
    """A fast wrong answer is worth nothing."""
    near = len(answer) == len(expected) and all(
        abs(a - b) <= 1e-6 * max(1.0, abs(b)) for a, b in zip(answer, expected, strict=True)
    )
    assert near, f"{contender.name} answered {answer}, expected {expected}"


def timed(command: Sequence[str], cwd: Path) -> float:
    """Wall seconds of a command that must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return time.perf_counter() - begin


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and range: `1.23 (1.20-1.31)`."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times the peer's median is mine."""
    return f"{statistics.median(theirs) / statistics.median(mine):.2f}x"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """One line on what it was measured on; nothing that names a host."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")), platform.machine()
    )
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{model}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release().split('-')[0]}"

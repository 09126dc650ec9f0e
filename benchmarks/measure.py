"""What the benchmarks have in common: a contender, its start, its answers, medians and spread, tables."""

from __future__ import annotations

import http.client
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import cpu_s, free_port, largest_mb, pss_mb, running

LONGEST_START_S = 120


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to serve the model: how it is started, what it is asked, and how its answer becomes numbers."""

    name: str
    command: Callable[[int], list[str]]
    cwd: Path
    path: str
    body: bytes
    numbers: Callable[[Any], list[float]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One start: wall and CPU seconds to the first right answer, the memory then and after more requests.

    largest_mb: resident in the largest process after them, also what it shares with others.
    """

    wall_s: float
    cpu_s: float
    pss_mb: float
    pss_later_mb: float
    largest_mb: float


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


def start_once(contender: Contender, expected: Sequence[float], requests: int) -> Run:
    """Start, ask until the first answer, which must be right, then ask `requests` times more."""
    port = free_port()
    begin = time.perf_counter()
    with running(contender.command(port), contender.cwd, contender.environment) as server:
        pid = server.child.pid
        while (answer := ask(contender, port)) is None:
            assert server.child.poll() is None, f"{contender.name} ended before it answered:\n{server.said}"
            assert time.perf_counter() - begin < LONGEST_START_S, f"{contender.name} does not answer:\n{server.said}"
            time.sleep(0.002)
        wall, cpu, weight = time.perf_counter() - begin, cpu_s(pid), pss_mb(pid)
        check(contender.name, answer, expected)
        for _ in range(requests):
            again = ask(contender, port)
            assert again is not None, f"{contender.name} stopped answering:\n{server.said}"
            check(contender.name, again, expected)
        return Run(wall, cpu, weight, pss_mb(pid), largest_mb(pid))


def check(name: str, answer: Sequence[float], expected: Sequence[float], tolerance: float = 1e-6) -> None:
    """A fast wrong answer is worth nothing; `tolerance` is relative above 1 and absolute below."""
    near = len(answer) == len(expected) and all(
        abs(a - b) <= tolerance * max(1.0, abs(b)) for a, b in zip(answer, expected, strict=True)
    )
    assert near, f"{name} answered {answer[:20]}, expected {expected[:20]}"


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
    """One line on what it was measured on, and what else ran there; nothing that names a host."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")), platform.machine()
    )
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    kernel = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{model}, {cores} cores, {memory:.0f} GB, {kernel}, {time.strftime('%Y-%m-%d', time.gmtime())}"


class Others:
    """How much of the machine other programs took while we measured: all CPU time less idle time and our own."""

    def __init__(self) -> None:
        """The count starts here."""
        self._wall, self._busy, self._ours = time.perf_counter(), _busy_s(), _own_s()

    def cores(self, servers: Sequence[int] = ()) -> float:
        """Cores that were busy with something else, on average; `servers` still run and are ours."""
        ours = _own_s() - self._ours + sum(cpu_s(pid) for pid in servers)
        return max(0.0, (_busy_s() - self._busy - ours) / (time.perf_counter() - self._wall))


def _busy_s() -> float:
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system

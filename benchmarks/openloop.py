"""Load that does not wait for answers: requests leave at random times of a given mean rate, whatever comes back.

    python openloop.py URL POOL RATE SECONDS RAMP DEADLINE_MS

Prints one line of JSON (`Offered`). Latencies count from the moment a request was due, so that a slow answer cannot
hide behind a late question. The first RAMP seconds are offered and not counted.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from load import read_pool

MOST_CONNECTIONS = 4000
OK = 200
REFUSALS = (429, 503)


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of the requests that ended within the counted seconds, and of what was due and could not be sent.

    good: 200 within the deadline; late: 200 after it; statuses: all others; bare: refusals without Retry-After;
    lost: connections that ended without an answer; lag_ms: how late the generator itself was, at worst.
    """

    seconds: float
    offered: int
    good: int
    late: int
    statuses: dict[str, int]
    bare: int
    lost: int
    unsent: int
    p50_ms: float
    p99_ms: float
    lag_ms: float


def offer(url: str, pool: Path, rate: float, seconds: float, deadline_ms: int, ramp: float = 1.5) -> Offered:
    """One turn, from a process of its own."""
    assert urlsplit(url).hostname == "127.0.0.1", "load stays on this machine"
    words = [url, str(pool), str(rate), str(seconds), str(ramp), str(deadline_ms)]
    command = [sys.executable, __file__, *words]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + ramp + 60).stdout
    return Offered(**json.loads(said.splitlines()[-1]))


class Caller(asyncio.Protocol):
    """One connection with at most one request on its way."""

    def __init__(self, generator: Generator) -> None:
        """It joins the idle ones when it is open and whenever an answer has come."""
        self.generator = generator
        self.due = 0.0
        self.busy = False
        self.got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self.transport = transport

    def ask(self, request: bytes, due: float) -> None:
        """One request."""
        self.due, self.busy, self.got = due, True, b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Perhaps a whole answer."""
        self.got += data
        head, found, body = self.got.partition(b"\r\n\r\n")
        if not found:
            return
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(fields.get(b"content-length", 0)):
            return
        self.busy = False
        self.generator.answered(int(head[9:12]), self.due, retry_after=b"retry-after" in fields)
        if fields.get(b"connection") == b"close":
            self.transport.close()
        else:
            self.generator.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name that asyncio gives
        """Closed by the other side."""
        if self in self.generator.idle:
            self.generator.idle.remove(self)
        self.generator.callers.discard(self)
        self.generator.closed(busy=self.busy)


class Generator:
    """Sends what is due and counts what comes back."""

    def __init__(self, url: str, pool: Path, deadline_ms: int) -> None:
        """A pool of bodies, sent in turn."""
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        head, bodies = read_pool(pool)
        first = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Request-Timeout-Ms: {deadline_ms}\r\n{head}"
        self.requests = [f"{first}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
        self.deadline = deadline_ms / 1000
        self.idle: list[Caller] = []
        self.callers: set[Caller] = set()
        self.open = self.lost = self.unsent = self.offered = self.late = self.bare = 0
        self.counted = (0.0, 0.0)
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.lag = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    def _counts(self, now: float) -> bool:
        return self.counted[0] <= now < self.counted[1]

    def answered(self, status: int, due: float, *, retry_after: bool) -> None:
        """One answer."""
        now = time.perf_counter()
        if not self._counts(now):
            return
        if status == OK:
            self.late += now - due > self.deadline
            self.took.append(now - due)
        else:
            self.statuses[status] += 1
            self.bare += status in REFUSALS and not retry_after

    def closed(self, *, busy: bool) -> None:
        """A connection less."""
        self.open -= 1
        self.lost += busy and self._counts(time.perf_counter())

    async def _open(self, request: bytes, due: float) -> None:
        try:
            _, caller = await asyncio.get_running_loop().create_connection(lambda: Caller(self), self.host, self.port)
        except OSError:
            self.closed(busy=True)
            return
        self.callers.add(caller)
        caller.ask(request, due)

    def _send(self, number: int, due: float) -> None:
        request = self.requests[number % len(self.requests)]
        if self.idle:
            self.idle.pop().ask(request, due)
        elif self.open < MOST_CONNECTIONS:
            self.open += 1
            task = asyncio.ensure_future(self._open(request, due))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            self.unsent += self._counts(due)

    async def run(self, rate: float, seconds: float, ramp: float) -> Offered:
        """Everything, then a moment for answers that are still on their way."""
        chance = random.Random(20130101)  # noqa: S311 - arrival times are no secret
        begin = due = time.perf_counter()
        self.counted = (begin + ramp, begin + ramp + seconds)
        number = 0
        while due < self.counted[1]:
            now = time.perf_counter()
            while due <= now:
                self._send(number, due)
                self.offered += self._counts(due)
                self.lag = max(self.lag, now - due) if self._counts(due) else self.lag
                number += 1
                due += chance.expovariate(rate)
            await asyncio.sleep(max(due - time.perf_counter(), 0))
        await asyncio.sleep(self.deadline)
        for caller in self.callers:
            caller.transport.close()
        took = sorted(self.took) or [float("nan")]
        at = [took[int(len(took) * share)] * 1e3 for share in (0.5, 0.99)]
        statuses = {str(status): count for status, count in sorted(self.statuses.items())}
        good = len(self.took) - self.late
        counts = (good, self.late, statuses, self.bare, self.lost, self.unsent)
        return Offered(seconds, self.offered, *counts, *at, self.lag * 1e3)


def main(url: str, pool: str, *numbers: str) -> None:
    """One turn."""
    rate, seconds, ramp, deadline_ms = map(float, numbers)
    generator = Generator(url, Path(pool), int(deadline_ms))
    try:
        from uvloop import new_event_loop
    except ImportError:
        from asyncio import new_event_loop
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        print(json.dumps(asdict(runner.run(generator.run(rate, seconds, ramp)))))


if __name__ == "__main__":
    main(*sys.argv[1:])

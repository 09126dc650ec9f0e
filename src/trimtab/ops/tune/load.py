"""The load generator: a process of its own that asks a server on this machine, told what to do line by line.

First line: {"path", "bodies"}. Then for each {"port", "connections", "seconds", "warm_s", "rate", "seed"} one line with
a `Level` and the last answer to each body. It shares the processors with the server, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import deque
from typing import Any, Final, cast

from trimtab.server.process import event_loop

__all__ = ["fire", "main", "quantile"]

_PATIENCE_S: Final = 10.0
_GRAIN_S: Final = 0.0005


class _Course:
    """One segment of load: who asks what, and what came of it."""

    def __init__(self, requests: list[bytes], begin: float, end: float, *, waiting: bool) -> None:
        self.requests = requests
        self.begin, self.end = begin, end
        self.waiting = waiting  # callers ask again as soon as they have their answer
        self.took: list[float] = []
        self.failed = 0
        self.refusal = b""
        self.answers: dict[int, bytes] = {}
        self.due: deque[float] = deque()  # arrivals that no connection was free for
        self.idle: list[_Caller] = []
        self.open = 0
        self.asked = 0

    def done(self, since: float, which: int, body: bytes | None) -> None:
        self.open -= 1
        now = time.perf_counter()
        if body is None:
            self.failed += 1
        else:
            self.answers[which] = body
            if since >= self.begin and (not self.waiting or now <= self.end):
                self.took.append(now - since)

    @property
    def owes(self) -> bool:
        return bool(self.open or self.due)

    def arrive(self, since: float) -> None:
        if self.idle:
            self.idle.pop().ask(since)
        else:
            self.due.append(since)

    def free(self, caller: _Caller) -> None:
        if self.waiting:
            if time.perf_counter() < self.end:
                caller.ask(time.perf_counter())
        elif self.due:
            caller.ask(self.due.popleft())
        else:
            self.idle.append(caller)


class _Caller(asyncio.Protocol):
    """One connection: a request, its answer, the next."""

    def __init__(self, course: _Course) -> None:
        self.course = course
        self.transport: asyncio.WriteTransport | None = None
        self.buffer = b""
        self.since, self.which, self.busy = 0.0, 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's does not say that it is one

    def ask(self, since: float) -> None:
        course = self.course
        self.since, self.busy = since, True
        self.which = course.asked % len(course.requests)
        course.asked += 1
        course.open += 1
        if self.transport is not None:
            self.transport.write(course.requests[self.which])

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            self._settle(None)
            return
        start = at + len(b"\r\ncontent-length:")
        stop = head.find(b"\r\n", start)
        length = int(head[start : stop if stop >= 0 else len(head)])
        if len(self.buffer) >= end + 4 + length:
            body = self.buffer[end + 4 : end + 4 + length]
            self.buffer = b""
            right = head[9:12] == b"200"
            if not right:
                self.course.refusal = head[9:12] + b" " + body[:200]
            self._settle(body if right else None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self.transport = None
        if self.busy:
            self.busy = False
            self.course.done(self.since, self.which, None)

    def _settle(self, body: bytes | None) -> None:
        self.busy = False
        self.course.done(self.since, self.which, body)
        if body is None and self.transport is not None:
            self.transport.close()
        else:
            self.course.free(self)


async def fire(requests: list[bytes], said: dict[str, Any]) -> dict[str, Any]:
    """One segment; what `Level` holds, with `answers` beside it."""
    loop, rate = asyncio.get_running_loop(), float(said["rate"])
    begin = time.perf_counter() + said["warm_s"]
    course = _Course(requests, begin, begin + said["seconds"], waiting=not rate)
    callers: list[_Caller] = []
    try:
        for _ in range(said["connections"]):
            _, caller = await loop.create_connection(lambda: _Caller(course), "127.0.0.1", said["port"])
            callers.append(caller)
        for caller in callers:
            course.free(caller)
        if rate:
            await _arrivals(course, rate, random.Random(said["seed"]))  # noqa: S311  # arrivals are no secret
        else:
            await asyncio.sleep(max(0.0, course.end - time.perf_counter()))
        # looked at from time to time: an event for each answer would cost what is measured
        late = time.perf_counter() + _PATIENCE_S
        while course.owes and time.perf_counter() < late and any(one.transport for one in callers):  # noqa: ASYNC110 - cheap
            await asyncio.sleep(0.001)
    except OSError:
        course.failed += 1
    finally:
        for caller in callers:
            if caller.transport is not None:
                caller.transport.abort()
    return _told(course, said)


async def _arrivals(course: _Course, rate: float, chance: random.Random) -> None:
    """Requests come by chance, whether or not earlier ones are answered; each counts from when it was due."""
    due = time.perf_counter()
    while (due := due + chance.expovariate(rate)) < course.end:
        delay = due - time.perf_counter()
        if delay > 0:  # waking for each one would cost more than asking does; the delay counts as latency
            await asyncio.sleep(max(delay, _GRAIN_S))
        course.arrive(due)


def _told(course: _Course, said: dict[str, Any]) -> dict[str, Any]:
    took = sorted(course.took)
    failed = course.failed + course.open + len(course.due)
    level = {
        "connections": said["connections"],
        "requests": len(took),
        "per_s": len(took) / said["seconds"],
        **{name: quantile(took, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))},
        "failed": failed,
        "rate": float(said["rate"]),
    }
    answers = {which: body.decode("latin-1") for which, body in course.answers.items()}
    return {"level": level, "answers": answers, "refusal": course.refusal.decode(errors="replace")}


def quantile(ordered: list[float], share: float) -> float:
    """The value that so large a share does not exceed; ten seconds where there is none, which keeps no goal."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else _PATIENCE_S


def main() -> None:
    """Until the standard input ends."""
    course = json.loads(sys.stdin.readline())
    head = f"POST {course['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    bodies = [body.encode() for body in course["bodies"]]
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        for line in sys.stdin:
            print(json.dumps(runner.run(fire(requests, json.loads(line)))), flush=True)  # noqa: T201  # to its parent


if __name__ == "__main__":
    main()

"""What the tests of the server share: bundles that live in memory, endpoints over them, and requests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.doubles.repository import MemoryRepository

from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.check import Raw, check
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Table
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines import Ended
from trimtab.server.faults import GONE
from trimtab.server.metrics import Metrics
from trimtab.server.process import Beat
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Request

DIGEST = f"sha256:{'ab' * 32}"
CHURN = Signature(
    (
        Field("age", "INT64", low=0, high=120),
        Field("plan", "BYTES", categories=("basic", "plus")),
        Field("spend", "FP64"),
        Field("city", "BYTES", nullable=True),
    ),
    (Field("score", "FP64"), Field("label", "BYTES")),
    "arrays",
)
ROW: Mapping[str, Sequence[object]] = {"age": [30], "plan": ["plus"], "spend": [1.5], "city": [None]}


def zeros(signature: Signature, table: Table) -> Outputs:
    """Answers of the right names and height: what they are is no matter of these tests."""
    return {output.name: np.zeros(table.height) for output in signature.outputs}


@dataclass(frozen=True)
class MemoryBundle:
    """A bundle that is never loaded; its golden rows are these columns."""

    name: str
    signature: Signature
    columns: Mapping[str, Raw] | None = None
    digest: str = DIGEST
    inline: bool = True
    manifest: Any = field(default_factory=lambda: SimpleNamespace(flavour="python"))

    def load(self) -> Predictor:
        raise AssertionError("no model is to be loaded")

    def privacy(self) -> dict[str, str]:
        return {}

    def golden(self) -> Golden | None:
        if self.columns is None:
            return None
        table = check(self.signature, self.columns)
        return Golden(table, zeros(self.signature, table), 0.0, 0.0)


class BusyEngine:
    """An engine that never has room, so that what is submitted waits."""

    free = 0

    def start(self, table: Table, ended: Ended) -> None:  # noqa: ARG002 - the names that `Engine` gives
        raise AssertionError("nothing starts without room")

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryChild:
    """A process in memory: an event for its end, a line that it beats on, and the signals that it got."""

    def __init__(self, number: int, pid: int) -> None:
        self.number, self.pid, self.beat = number, pid, Beat()
        self.began = self.heard = self.leaving = 0.0
        self.fresh, self.got, self.silent, self.ended = False, [], False, False
        self.line, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.setblocking(False)
        self._end = os.eventfd(0)
        self.status = 0

    def fileno(self) -> int:
        return self._end

    def hear(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(self.line.recv(4096))
        return True

    def signal(self, number: int) -> None:
        self.got.append(number)
        if number == signal.SIGKILL:
            self.die(-9)

    def die(self, status: int) -> None:
        if not self.ended:
            self.ended, self.status = True, status
            os.eventfd_write(self._end, 1)

    def end(self) -> int:
        os.close(self._end)
        self.line.close()
        self.theirs.close()
        return self.status


def endpoint_of(
    signature: Signature = CHURN,
    name: str = "churn",
    columns: Mapping[str, Raw] | None = None,
    *,
    ready: bool = True,
    calls: int = 8,
) -> Endpoint:
    """An endpoint with these golden rows; a ready one has a queue for so many calls before a busy engine."""
    bundle = MemoryBundle(name, signature, columns)
    endpoint = Endpoint(name, bundle)
    endpoint.golden = bundle.golden()
    if ready:
        endpoint.found("", {1: 0.001})
        limits = BatchLimits(calls=calls)
        endpoint.batcher = Batcher(BusyEngine(), limits, endpoint.curve, lambda _turn: None, lambda _call, _why: GONE)
    return endpoint


def plane_of(*endpoints: Endpoint, settings: Settings | None = None) -> DataPlane:
    """A data plane over these endpoints that logs nowhere."""
    named = {endpoint.name: endpoint for endpoint in endpoints}
    return DataPlane(named, settings or Settings(), lambda _event, _fields: None, Metrics(named))


def post(body: object, headers: Mapping[bytes, bytes] | None = None) -> Request:
    """A request with this body; what is no bytes goes as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(b"POST", b"/", b"", {b"host": b"a", **(headers or {})}, raw, keep_alive=True)


def said(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body)


class Kit:
    """The builders above, since folders of tests are no packages that could be imported."""

    signature = CHURN
    row = ROW
    digest = DIGEST
    child = MemoryChild
    endpoint = staticmethod(endpoint_of)
    plane = staticmethod(plane_of)
    post = staticmethod(post)
    said = staticmethod(said)


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture
def endpoint() -> Endpoint:
    """A ready endpoint `churn` with one golden row."""
    return endpoint_of(columns=ROW)


@pytest.fixture
def outputs() -> Outputs:
    """Answers to two rows of `churn`."""
    return {"score": np.array([3.0, np.inf]), "label": np.array(["3", "é"], object)}


@pytest.fixture(scope="session")
def alone() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in a process of one thread, since only such a one may fork: alone("print(1)")."""

    def run(program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1"}
        env = {**os.environ, **single, **variables}
        command = [sys.executable, "-c", textwrap.dedent(program), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=env)

    return run


class Timers:
    """Timers that run when the test says that time passes."""

    def __init__(self):
        self.now, self.timers = 100.0, []

    def time(self):
        return self.now

    def call_at(self, at, call):
        timer = SimpleNamespace(at=at, call=call)
        timer.cancel = lambda: timer in self.timers and self.timers.remove(timer)
        self.timers.append(timer)
        return timer

    def call_later(self, seconds, call):
        return self.call_at(self.now + seconds, call)

    def passes(self, seconds):
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= end]:
            first = min(due, key=lambda timer: timer.at)
            self.timers.remove(first)
            self.now = first.at
            first.call()
        self.now = end


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def repository():
    return MemoryRepository()

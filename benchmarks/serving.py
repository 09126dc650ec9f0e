"""A contender's server while it runs: started and answering rightly, asked, loaded for a moment, weighed."""

from __future__ import annotations

import http.client
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contenders import MODELS, Peer, command_of, variables_of
from environments import WORK
from load import Load, load
from measure import check
from processes import Server, cpu_s, free_port, pss_mb, running, standing_still, surroundings
from workloads import Body, Workload, numbers, requests_of, write_pool

LONGEST_START_S = 180
LONGEST_SETTLE_S = 5.0
LOOK_S = 0.1
CATCH_UP_S = 0.3  # for what it would have done while it stood still itself
TOLERANCE = 1e-4  # the libraries compute in float32 here and float64 there
CHECKED = 16
REFUSALS = {400, 405, 413, 415, 422, 501}  # of a body that will not be liked later either


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of load: requests a second, latencies in ms, CPU us of the whole server a request, failed requests."""

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    failed: int


@dataclass(frozen=True, slots=True)
class Start:
    """Wall and CPU seconds from the start of the process to its first right answer."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Up:
    """A server that answers."""

    peer: Peer
    port: int
    server: Server
    start: Start
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Its first process."""
        return self.server.child.pid

    def memory_mb(self) -> float:
        """Proportional set size of all of its processes."""
        return pss_mb(self.pid)


def form_of(peer: Peer, workload: Workload) -> str:
    """The form of the workload's bodies; empty where the peer has none."""
    return peer.binary if workload.binary else peer.json


def ask(
    peer: Peer, port: int, body: Body, headers: Mapping[str, str], patience_s: float = 60
) -> tuple[int, list[float]]:
    """Status and numbers; status 0 while nobody listens. headers: beside those of the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)
    try:
        connection.request("POST", peer.path, body.data, {**body.headers, **headers})
        response = connection.getresponse()
        data = response.read()
        if response.status != http.client.OK:
            return response.status, []
        return response.status, numbers({name.lower(): value for name, value in response.getheaders()}, data)
    except (OSError, http.client.HTTPException):
        return 0, []
    finally:
        connection.close()


def right(peer: Peer, got: Sequence[float], expected: Sequence[float]) -> None:
    """The answer must be right; MLServer and MLflow give the chances of no and of yes where we expect that of yes."""
    values = got[1::2] if len(got) == 2 * len(expected) else got
    check(peer.name, values, expected, TOLERANCE)


def beside(peer: Peer, python: Path, folder: Path) -> dict[str, str]:
    """Puts into the folder what the server is started beside; the headers that its callers need then."""
    if not peer.project:
        return {}
    (folder / "trimtab.toml").write_text(peer.project)
    words = ["-m", "trimtab", "key", "add", "bench", "--scope", "infer", "--keys", "keys.json"]
    made = subprocess.run(
        [str(python), *words], cwd=folder, env=surroundings(), check=True, capture_output=True, text=True
    )
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


@contextmanager
def started(peer: Peer, python: Path, workload: Workload) -> Iterator[Up]:
    """The server of the workload's model, once its first answer was right."""
    bodies, expected = requests_of(workload, form_of(peer, workload), MODELS)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        headers = beside(peer, python, Path(folder))
        begin = time.perf_counter()
        command = command_of(peer, python, workload.model, port)
        with running(command, Path(folder), variables_of(peer, python, workload.model, Path(folder))) as server:
            status, got = ask(peer, port, bodies[0], headers, 5)
            while status != http.client.OK:
                late = time.perf_counter() - begin > LONGEST_START_S
                given_up = late or server.child.poll() is not None or status in REFUSALS
                assert not given_up, f"no answer, status {status}: {server.said[-1500:]}"
                time.sleep(0.01)
                status, got = ask(peer, port, bodies[0], headers, 5)
            start = Start(time.perf_counter() - begin, cpu_s(server.child.pid))
            right(peer, got, expected[0])
            yield Up(peer, port, server, start, headers)


def pool_of(up: Up, workload: Workload) -> Path:
    """The file of bodies for the load generator, after the first of them were answered rightly."""
    bodies, expected = requests_of(workload, form_of(up.peer, workload), MODELS)
    deadline = time.perf_counter() + LONGEST_START_S / 3
    for body, wanted in list(zip(bodies, expected, strict=True))[:CHECKED]:
        status, got = ask(up.peer, up.port, body, up.headers)
        while status == http.client.SERVICE_UNAVAILABLE and time.perf_counter() < deadline:
            time.sleep(0.1)  # one of its processes answered, another on the same port still loads
            status, got = ask(up.peer, up.port, body, up.headers)
        assert status == http.client.OK, f"{up.peer.name} answered {status}: {up.server.said[-1500:]}"
        right(up.peer, got, wanted)
    path = WORK / "pools" / f"{workload.name}-{form_of(up.peer, workload)}-{up.port}"
    path.parent.mkdir(exist_ok=True)
    write_pool(path, [Body({**body.headers, **up.headers}, body.data) for body in bodies])
    return path


def turn(up: Up, pool: Path, connections: int, seconds: int) -> Turn:
    """One turn of load. What was in flight at its end is answered too, so its CPU time counts and so does it."""
    before = cpu_s(up.pid)
    seen: Load = load(f"http://127.0.0.1:{up.port}{up.peer.path}", pool, connections, seconds)
    spent = settled(up.pid) - before
    answered = seen.requests + connections
    return Turn(seen.requests / seen.seconds, seen.p50_ms, seen.p99_ms, spent / answered * 1e6, seen.failed)


@contextmanager
def alone(up: Up, ups: Sequence[Up]) -> Iterator[None]:
    """The others stand still: what their servers do while nobody asks them would count as this one's slowness.

    It is little in all, and yet p99 of the fastest doubled, whose cores the others' many threads take for a moment.
    """
    with standing_still([one.pid for one in ups if one is not up]):
        time.sleep(CATCH_UP_S)
        yield


def settled(pid: int) -> float:
    """CPU seconds of the family, as soon as it has nothing to do any more."""
    deadline = time.monotonic() + LONGEST_SETTLE_S
    last = cpu_s(pid)
    while time.monotonic() < deadline:
        time.sleep(LOOK_S)
        now = cpu_s(pid)
        if now - last <= LOOK_S / 10:
            return now
        last = now
    return last

"""A gateway in front of servers of other make: challengers that are flown, and its price beside nginx.

    python benchmarks/gateway.py    about six minutes; as root on Debian it installs nginx-light where there is no nginx

Each server runs twice, on the same model, under load: a challenger that is as good is to be promoted, one that is
killed in the air is to be rolled back, and nobody but who was being answered by it is to see a failure. Then nginx and
the gateway stand before the same server and are asked in turns. Writes benchmarks/results/gateway.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from contenders import OTHERS, TRIMTAB, Peer, make_models, ours, prepared
from environments import WORK, kept, publish, versions
from limits import until_open
from load import load
from measure import Others, machine, spread, table
from processes import Server, family, free_port, running
from serving import Start, Turn, Up, pool_of, started, turn
from workloads import WORKLOADS, Workload

CHOSEN = ("mlserver", "bentoml", "mlflow")
CONNECTIONS = 4
LONGEST_S = 120
VARIANTS = (
    ("gateway", ("--kind", "canary", "--steps", "0.01%")),
    ("and a journal", ("--kind", "canary", "--steps", "0.01%", "--journal", "journal")),
    ("and a shadow of 10 %", ("--kind", "shadow", "--steps", "10%")),
)
NGINX = """daemon off; worker_processes 1; error_log stderr; pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000; proxy_temp_path {folder}/p; client_body_temp_path {folder}/b;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream behind {{ server 127.0.0.1:{behind}; keepalive 64; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://behind; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1:{behind};
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }} }}
"""


@dataclass(frozen=True, slots=True)
class Flight:
    """What came of one flight: seconds until it was over, requests of callers meanwhile, those that failed."""

    outcome: str
    seconds: float
    requests: int
    failed: int


@contextmanager
def gateway(folder: Path, champion: int, challenger: int, words: Sequence[str]) -> Iterator[tuple[int, Server]]:
    """`trimtab fly` in front of two ports."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "trimtab", "fly", "--champion", f"http://127.0.0.1:{champion}"]
    command += ["--challenger", f"http://127.0.0.1:{challenger}", "--listen", f"127.0.0.1:{port}", *words]
    with running(command, folder) as server:
        until_open(port)
        yield port, server


def flown(folder: Path, sides: Sequence[Up], pool: Path, *, killed: bool) -> Flight:
    """One flight under load; the challenger is killed when it has answered for some seconds, or is not."""
    words = ["--steps", "25%,50%", "--watch", "8s" if killed else "2s", "--minimum", "50", "--give-up", f"{LONGEST_S}s"]
    begin, requests, failed, dead = time.perf_counter(), 0, 0, not killed
    with gateway(folder, sides[0].port, sides[1].port, words) as (port, server):
        while time.perf_counter() - begin < LONGEST_S:
            seen = load(f"http://127.0.0.1:{port}{sides[0].peer.path}", pool, CONNECTIONS, 1)
            requests, failed = requests + seen.requests, failed + seen.failed
            over = next((word for word in ("promoted ", "rolled back ") if f"\n{word}" in server.said), "")
            if over and dead:
                return Flight(over.strip(), time.perf_counter() - begin, requests, failed)
            if not dead and "25 %" in server.said:
                for pid in family(sides[1].pid):
                    os.kill(pid, signal.SIGKILL)
                dead, begin = True, time.perf_counter()
        raise AssertionError(f"no end in {LONGEST_S} s: {server.said}")


def flights(workload: Workload, root: Path, pythons: dict[Peer, Path]) -> list[list[str]]:
    """A line of the table for each flight."""
    lines = []
    for peer, python in pythons.items():
        for killed in (False, True):
            print(f"{peer.label}: {'a challenger that is killed' if killed else 'a good challenger'}", flush=True)
            with ExitStack() as stack:
                sides = [stack.enter_context(started(peer, python, workload)) for _ in range(2)]
                pool = pool_of(sides[0], workload)
                found = flown(root / f"{peer.name}-{killed}", sides, pool, killed=killed)
            what = "killed in the air" if killed else "as good"
            assert found.outcome == ("rolled back" if killed else "promoted"), found
            lines.append(
                [peer.label, what, found.outcome, f"{found.seconds:.1f}", str(found.requests), str(found.failed)]
            )
    return lines


@contextmanager
def nginx(folder: Path, behind: int) -> Iterator[tuple[int, Server]]:
    """A reverse proxy of one worker that keeps its connections."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, behind=behind, port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with running([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")], folder) as server:
        until_open(port)
        yield port, server


def price(workload: Workload, root: Path, python: Path, turns: int) -> tuple[list[list[str]], float]:
    """Turns of the server itself, of nginx and of the gateway before it."""
    with ExitStack() as stack:
        direct, other = (stack.enter_context(started(TRIMTAB, python, workload)) for _ in range(2))
        pool = pool_of(direct, workload)
        ups = {"the server itself": direct}
        port, server = stack.enter_context(nginx(root / "nginx", direct.port))
        ups["nginx"] = Up(TRIMTAB, port, server, Start(0, 0))
        for number, (name, words) in enumerate(VARIANTS):
            more = (*words, "--watch", "1h", "--give-up", "2h")
            made = gateway(root / f"priced-{number}", direct.port, other.port, more)
            ups[name] = replace(ups["nginx"], port=(found := stack.enter_context(made))[0], server=found[1])
        seen: dict[tuple[str, int], list[Turn]] = {}
        others = Others()
        for number in range(turns + 1):
            for connections in (1, 16):
                for name, up in ups.items():
                    one = turn(up, pool, connections, 1)
                    assert not one.failed, f"{name}: {one.failed} requests failed"
                    if number:
                        seen.setdefault((name, connections), []).append(one)
        busy = others.cores([up.pid for up in ups.values()])
        over = [name for name, up in ups.items() if "rolled back" in up.server.said or "promoted" in up.server.said]
        assert not over, f"the flight was over meanwhile: {over}"
    return [line(name, seen) for name in ups], busy


def line(name: str, seen: dict[tuple[str, int], list[Turn]]) -> list[str]:
    """One line of the table; what is added is taken turn by turn."""
    alone, many, nginxs = seen[name, 1], seen[name, 16], seen["nginx", 16]
    bare = seen["the server itself", 1]
    if name == "the server itself":
        return [name, "", "", spread([one.p50_ms for one in alone], 2), "", "", spread([one.rps for one in many], 0)]
    cpu = [one.cpu_us for one in many]
    return [
        name,
        spread(cpu, 1),
        f"{median(cpu) / median([one.cpu_us for one in nginxs]):.1f}x",
        spread([one.p50_ms for one in alone], 2),
        spread([a.p50_ms - b.p50_ms for a, b in zip(alone, bare, strict=True)], 2),
        spread([a.p99_ms - b.p99_ms for a, b in zip(alone, bare, strict=True)], 2),
        spread([one.rps for one in many], 0),
    ]


HEAD = ["", "CPU us", "of nginx", "p50 ms", "p50 added", "p99 added", "requests/s at 16"]
PAGE = """# A gateway in front of servers of other make

## Challengers

Each server runs twice, on the model of W1, and `trimtab fly --champion URL --challenger URL` stands before both, under
load at {connections} connections that never stops: steps of 25 % and 50 %, at least 2 s each, the limits that hold
where nobody says any. Seconds are those from the start of the gateway to the end of the flight, or from the kill; the
turns of load are of 1 s. Failed is what callers saw, of both arms: a POST that is
under way at the moment of the kill is never sent again.

{flights}

## Its price

One-row requests of W1 to one process of `trimtab serve`, through nothing, through nginx (one worker, connections kept)
and through the gateway; median (lowest-highest) of {turns} turns, all in turns. CPU is that of nginx or of the gateway,
its director included, a request at 16 connections. Latencies are those at 1 connection; what is added is the
difference to the server itself, turn by turn.

{price}

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/gateway.py`.
"""


def install_nginx() -> None:
    """Where there is none and we may."""
    if shutil.which("nginx") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "nginx-light"]
        subprocess.run(command, check=True, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="keep the environments for the next time")
    args = parser.parse_args()
    install_nginx()
    workload = next(one for one in WORKLOADS if one.name == "W1")
    with ours(keep=args.keep) as python, kept("peers", keep=args.keep), ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench", dir=WORK)))
        make_models()
        pythons = {peer: prepared(peer) for peer in OTHERS if peer.name in CHOSEN}
        said = "; ".join(versions(one, [peer.versions[0]]) for peer, one in pythons.items())
        found = flights(workload, root, pythons)
        lines, others = price(workload, root, python, args.turns)
        text = PAGE.format(
            connections=CONNECTIONS, turns=args.turns, price=table(HEAD, lines), machine=machine(), others=others,
            flights=table(["server", "challenger", "outcome", "seconds", "requests", "failed"], found), versions=said,
        )  # fmt: skip
    publish("gateway.md", text)


if __name__ == "__main__":
    main()

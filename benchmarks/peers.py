"""trimtab beside other model servers: five workloads, the same models, rows and machine, in turns.

    python benchmarks/peers.py --prepare  makes environments, models and bundles, keeps them, measures nothing
    python benchmarks/peers.py            all servers, 1, 16 and 64 connections; about 35 minutes once prepared
    python benchmarks/peers.py --quick    trimtab, FastAPI and MLServer on W1, W2 and W5, 16 connections

Environments, models and bundles are made first. All servers of a model are up at the same time and loaded one after
the other, A B C ... A B C ..., the first turn dropped; whoever is not loaded is stopped meanwhile. Writes
benchmarks/results/peers.md (peers-quick.md).
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contenders import ALL, LIBRARIES, Peer, make_models, prepared
from environments import HERE, WORK, kept, versions
from load import wrk_is_there
from measure import Others, machine
from page import page
from processes import end_cleanly
from serving import Start, Turn, Up, alone, form_of, pool_of, started, turn
from workloads import WORKLOADS, Workload

QUICK_PEERS = ("trimtab", "fastapi", "mlserver")
QUICK_WORKLOADS = ("W1", "W2", "W5", "W5b")
HEAVY_ROWS = 1000


@dataclass
class Results:
    """What was seen, by server: turns by workload and connections, starts, memory, versions; and what was not, why."""

    turns: dict[tuple[str, str, int], list[Turn]] = field(default_factory=dict)
    starts: dict[str, list[Start]] = field(default_factory=dict)
    memory: dict[tuple[str, str], float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def failed(results: Results, what: str, error: BaseException) -> None:
    """Keeps the reason, for the page."""
    results.missing[what] = " ".join(str(error).split())[-400:] or type(error).__name__
    say(f"  {what}: {results.missing[what]}")


def environments(peers: Sequence[Peer], results: Results) -> dict[Peer, Path]:
    """The Pythons of all peers whose environment could be made, two at a time: one waits while another computes."""
    pythons = {}
    with ThreadPoolExecutor(2) as pool:
        making = {peer: pool.submit(prepared, peer) for peer in peers}
    for peer, made in making.items():
        try:
            pythons[peer] = made.result()
            results.versions[peer.name] = versions(pythons[peer], [*peer.versions, *LIBRARIES])
        except subprocess.CalledProcessError as error:
            failed(results, peer.label, RuntimeError((error.stderr or b"").decode()[-400:] or str(error)))
    return pythons


@contextmanager
def all_up(pythons: dict[Peer, Path], workload: Workload, results: Results) -> Iterator[list[Up]]:
    """Every server that starts, with the workload's model."""
    with ExitStack() as stack:
        ups = []
        for peer, python in pythons.items():
            try:
                up = stack.enter_context(started(peer, python, workload))
            except (AssertionError, OSError, ValueError, KeyError) as error:
                failed(results, f"{peer.label}, {workload.model}", error)
                continue
            say(f"  {peer.label}: {up.start.wall_s:.1f} s, {up.start.cpu_s:.1f} s of CPU")
            results.starts.setdefault(peer.name, []).append(up.start)
            ups.append(up)
        yield ups


def ready(ups: Sequence[Up], workload: Workload, results: Results) -> list[tuple[Up, Path]]:
    """The servers that answer this workload's first bodies rightly, each with its pool of bodies."""
    pools = []
    for up in ups:
        what = f"{up.peer.label}, {workload.name}"
        if not form_of(up.peer, workload):
            results.missing[what] = "takes no binary numbers"
            continue
        try:
            pools.append((up, pool_of(up, workload)))
        except (AssertionError, OSError, ValueError, KeyError) as error:
            failed(results, what, error)
    return pools


def measure(ups: Sequence[Up], workload: Workload, results: Results, connections: Sequence[int], turns: int) -> None:
    """All turns of one workload."""
    pools = ready(ups, workload, results)
    for count in connections:
        say(f"{workload.name}, {count} connections")
        seconds = 2 if workload.rows >= HEAVY_ROWS and count > 1 else 1
        for number in range(turns + 1):
            for up, pool in list(pools):
                try:
                    with alone(up, ups):
                        seen = turn(up, pool, count, seconds)
                except (subprocess.SubprocessError, OSError, StopIteration) as error:
                    failed(results, f"{up.peer.label}, {workload.name}, {count} connections", error)
                    pools.remove((up, pool))
                    continue
                if number:
                    results.turns.setdefault((up.peer.name, workload.name, count), []).append(seen)


def run(args: argparse.Namespace, results: Results) -> float:
    """Everything; returns how many cores other programs took meanwhile."""
    peers = [peer for peer in ALL if not args.quick or peer.name in QUICK_PEERS]
    chosen = [workload for workload in WORKLOADS if not args.quick or workload.name in QUICK_WORKLOADS]
    say("making models and bundles")
    make_models()
    pythons = environments([peer for peer in peers if not args.only or peer.name in args.only], results)
    if args.prepare:
        return 0.0
    others = Others()
    for model in dict.fromkeys(workload.model for workload in chosen):
        mine = [workload for workload in chosen if workload.model == model]
        say(f"starting the servers, {model}")
        with all_up(pythons, mine[0], results) as ups:
            for workload in mine:
                measure(ups, workload, results, [16] if args.quick else [1, 16, 64], args.turns)
            results.memory |= {(up.peer.name, model): up.memory_mb() for up in ups}
    return others.cores()


def facts(args: argparse.Namespace, others: float) -> dict[str, Any]:
    """What the page says of the circumstances."""
    generator = "wrk" if wrk_is_there() else "the generator in load.py (slower than wrk)"
    return {"machine": machine(), "others": others, "turns": args.turns, "generator": generator, "quick": args.quick}


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the short form, for every day")
    parser.add_argument("--turns", type=int, default=5, help="turns that count, for each server and setting")
    parser.add_argument("--only", nargs="+", help="these servers, by name")
    parser.add_argument("--keep", action="store_true", help="keep the environments for the next time")
    parser.add_argument("--prepare", action="store_true", help="make and keep what is needed, measure nothing")
    args = parser.parse_args()
    args.keep |= args.prepare
    end_cleanly()
    WORK.mkdir(exist_ok=True)
    results = Results()
    with kept("peers", keep=args.keep), kept("pools", keep=False), kept("bundles", keep=args.keep):
        others = run(args, results)
    if args.prepare:
        say("\n".join([f"{name}: {said}" for name, said in results.versions.items()]))
        return
    text = page(results, ALL, WORKLOADS, facts(args, others))
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / ("peers-quick.md" if args.quick else "peers.md")).write_text(text)
    print(text)


if __name__ == "__main__":
    main()

"""How far trimtab is from the limit: HTTP alone, decoding alone and the model alone, beside the whole request.

    python benchmarks/limits.py

HTTP alone is a server that answers the same bytes to everything (noop.py), under the same load as ours, in turns.
Decoding and the model are timed in process (inside.py). Writes benchmarks/results/limits.md.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

from contenders import FULL, LIBRARIES, TRIMTAB, Peer, bundle_of, ours
from environments import HERE, publish, versions
from measure import Others, machine, spread, table
from processes import free_port, running, surroundings
from serving import Start, Turn, Up, pool_of, started, turn
from workloads import WORKLOADS, Workload

CONNECTIONS = 16
PROCESSES = len(os.sched_getaffinity(0))  # of a server, as `trimtab serve` has them
NOOP = Peer("noop", "no-op", (), TRIMTAB.path, "oip", "oip-binary", ())


def parts(python: Path, workload: Workload, pool: Path) -> dict[str, float]:
    """Microseconds of CPU of the parts of one request, in process."""
    command = [str(python), str(HERE / "inside.py"), str(bundle_of(workload.model)), str(pool)]
    variables = surroundings() | {"OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=variables).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def until_open(port: int) -> None:
    """Waits for a server that has nothing to load."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


def side_by_side(python: Path, workload: Workload, turns: int) -> tuple[list[list[Turn]], dict[str, float]]:
    """Turns of the no-op server, of ours, and of ours with guards; and the parts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ups = [stack.enter_context(started(peer, python, workload)) for peer in (TRIMTAB, FULL)]
        port = free_port()
        noop = stack.enter_context(running([str(python), str(HERE / "noop.py"), str(port), str(PROCESSES)], folder))
        until_open(port)
        pools = [pool_of(up, workload) for up in ups]
        sides = [(Up(NOOP, port, noop, Start(0, 0)), pools[0]), *zip(ups, pools, strict=True)]
        seen: list[list[Turn]] = [[] for _ in sides]
        for number in range(turns + 1):
            for turns_of, (up, pool) in zip(seen, sides, strict=True):
                found = turn(up, pool, CONNECTIONS, 1)
                assert not found.failed, f"{found.failed} requests of {up.peer.name} failed"
                if number:
                    turns_of.append(found)
    return seen, parts(python, workload, pools[0])


def line(workload: Workload, seen: list[list[Turn]], parts: dict[str, float]) -> list[str]:
    """One line of the table."""
    http, whole, guarded = ([one.cpu_us for one in turns] for turns in seen)
    needed = median(http) + parts["model"]
    cells = [f"{parts[name]:.1f}" for name in ("barest", "decode", "check", "model", "encode")]
    shares = [f"{(needed + parts[name]) / median(whole):.0%}" for name in ("decode", "barest")]
    more = [one - other for one, other in zip(guarded, whole, strict=True)]
    return [workload.name, spread(http, 1), *cells, spread(whole, 1), *shares, spread(more, 1)]


HEAD = [
    "workload",
    "HTTP alone",
    "barest decode",
    "decode",
    "check",
    "model",
    "encode",
    "whole",
    "share",
    "barest",
    "guarded, more",
]
PAGE = """# Distance from the limit

Share is HTTP alone, the dialect's decoding alone and the model alone, over what a whole request costs; a batch can
bring it above 100 %. The whole also has the routing, the checks, the metrics and the encoding. The last column has the
barest decoding instead of ours: the same library, one tensor into an array, nothing checked and no fault named.
`guarded, more` is what a server costs beyond it whose callers show an API key, and which answers nothing that is not in
its journal (`written`), turn by turn. HTTP alone is a server of as many processes.

All in microseconds of CPU a request. HTTP alone and the whole under load at {connections} connections, in turns, median
(lowest-highest) of {turns}; the parts in process right after it, median of batches, another body each call: they are
not in turns with the load, so a share is good to a quarter on a busy machine.

{table}

{what}

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/limits.py`.
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    with ours(keep=args.keep) as python:
        others, lines = Others(), []
        for workload in WORKLOADS:
            print(workload.name, flush=True)
            lines.append(line(workload, *side_by_side(python, workload, args.turns)))
        text = PAGE.format(
            connections=CONNECTIONS,
            turns=args.turns,
            table=table(HEAD, lines),
            what="\n".join(f"- {one.name}: {one.what}" for one in WORKLOADS),
            machine=machine(),
            others=others.cores(),
            versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )
    publish("limits.md", text)


if __name__ == "__main__":
    main()

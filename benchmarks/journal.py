"""What it costs to keep every interaction: `sent`, `written` and `synced` beside a server that keeps nothing.

    python benchmarks/journal.py    about two minutes

One server each, of one process, on the smallest model (W1), under the same load in turns. Every turn is followed by a
look into the journal: as many interactions as were answered, and not one less. Writes benchmarks/results/journal.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from contenders import LIBRARIES, MODELS, TRIMTAB, bundle_of, ours
from environments import WORK, publish, versions
from limits import until_open
from measure import Others, machine, spread, table
from processes import free_port, running
from serving import Start, Turn, Up, turn
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Kind
from trimtab.journal.segments.reader import segments
from workloads import WORKLOADS, Workload, requests_of, write_pool

CONNECTIONS = 16
PROJECT = 'name = "m"\n[model]\npath = "none:here"\n[server]\nprocesses = 1\nthreads = 1\n'
MODES = ("none", "sent", "written", "synced")


def project(mode: str) -> str:
    """The server's file."""
    return PROJECT if mode == "none" else f'{PROJECT}[server.log]\nmode = "{mode}"\n'


def kept(folder: Path) -> tuple[int, int]:
    """Interactions and bytes in the journal of that project."""
    journal = open_folder(folder / "journal", create=False)
    count = 0
    with segments(journal) as found:
        for segment in found:
            count += sum(frame.kind == Kind.INTERACTION for frame in segment.frames())
    return count, sum(path.stat().st_size for path in journal.segments.iterdir())


def started(stack: ExitStack, folder: Path, mode: str) -> Up:
    """The server, once it listens."""
    folder.mkdir()
    (folder / "trimtab.toml").write_text(project(mode))
    bundle, port = bundle_of("linear"), free_port()
    command = [sys.executable, "-m", "trimtab", "serve", str(bundle), "--store", str(bundle.parents[2])]
    server = stack.enter_context(running([*command, "--port", str(port)], folder, {"OMP_NUM_THREADS": "1"}))
    try:
        until_open(port)
    except TimeoutError as error:
        raise TimeoutError(f"{mode}: {server.said[-1500:]}") from error
    return Up(TRIMTAB, port, server, Start(0, 0))


def line(mode: str, seen: list[Turn], without: list[Turn], size: float) -> list[str]:
    """One line of the table."""
    more = [a.cpu_us - b.cpu_us for a, b in zip(seen, without, strict=True)]
    rates = [one.rps for one in seen]
    return [
        mode,
        spread(rates, 0),
        f"{median(rates) / median([one.rps for one in without]):.0%}",
        spread([one.p50_ms for one in seen], 2),
        spread([one.p99_ms for one in seen], 2),
        spread([one.cpu_us for one in seen], 1),
        spread(more, 1),
        f"{size:.0f}" if size else "",
    ]


HEAD = ["mode", "requests/s", "of none", "p50 ms", "p99 ms", "CPU us", "more", "bytes each"]
PAGE = """# What it costs to keep every interaction

One-row requests of the linear model (W1) at {connections} connections, one serving process; median (lowest-highest) of
{turns} turns, all servers in turns. CPU is the server's, for a request; `more` is that beyond `none`, turn by turn.
After the turns the journals were counted: every answered request was in them, with its inputs and outputs.

{rows}

- `sent`: answers leave at once; a thread writes some moments later. A killed process loses those moments.
- `written`: answers that come together leave after one write: a killed process loses nothing.
- `synced`: answers leave after a sync of the disk that they share: a power cut loses nothing. The disk decides how long
  that takes, so its numbers say more of the disk than of anything else.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/journal.py`.
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    workload: Workload = next(one for one in WORKLOADS if one.name == "W1")
    with ours(keep=args.keep) as python, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench", dir=WORK)))
        pool = WORK / "pools" / "journal"
        pool.parent.mkdir(exist_ok=True)
        write_pool(pool, requests_of(workload, TRIMTAB.json, MODELS)[0])
        ups = {mode: started(stack, folder / mode, mode) for mode in MODES}
        others, seen, answered = Others(), {mode: [turn(up, pool, 1, 1)] for mode, up in ups.items()}, {}
        for _ in range(args.turns):
            for mode, up in ups.items():
                seen[mode].append(turn(up, pool, CONNECTIONS, 1))
        sizes = {}
        for mode in MODES[1:]:
            count, size = kept(folder / mode)
            answered[mode] = round(sum(one.rps for one in seen[mode]))
            assert count >= answered[mode], f"{mode}: {count} interactions of {answered[mode]} answers"
            sizes[mode] = size / count
        rows = [line(mode, seen[mode][1:], seen["none"][1:], sizes.get(mode, 0)) for mode in MODES]
        text = PAGE.format(
            connections=CONNECTIONS, turns=args.turns, rows=table(HEAD, rows), machine=machine(),
            others=others.cores([up.server.child.pid for up in ups.values()]),
            versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )  # fmt: skip
    publish("journal.md", text)


if __name__ == "__main__":
    main()

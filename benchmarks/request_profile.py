"""Where the microseconds of one request go: a serving process under load, sampled, and its parts timed alone.

    python benchmarks/request_profile.py    about a minute

Writes the numbers of docs/performance.md and docs/images/request-profile.svg. py-spy samples the process, which needs
root or the right to trace; it comes from PyPI into an environment of its own and is no dependency of trimtab.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import threading
from pathlib import Path
from statistics import median

from contenders import LIBRARIES, TRIMTAB, make_models, prepared
from environments import HERE, ROOT, WORK, environment, kept, versions
from limits import parts
from measure import Others, machine, table
from processes import TICKS, end_cleanly
from serving import Up, pool_of, started, turn
from stacks import ORDER, picture, stages
from workloads import WORKLOADS, Workload

CONNECTIONS = 16
CHOSEN = ("W1", "W2")
RATE, SECONDS = 250, 12
ALONE = {"decode the body": "decode", "check against the signature": "check", "model": "model"}
ALONE |= {"encode the answer": "encode"}
PAGE = ROOT / "docs/performance.md"
MARKS = "<!-- written by benchmarks/request_profile.py -->"


def serving(up: Up) -> list[int]:
    """The serving processes."""
    return [int(pid) for pid in Path(f"/proc/{up.pid}/task/{up.pid}/children").read_text().split()]


def modes(pids: list[int]) -> tuple[int, int]:
    """CPU ticks in the program and in the kernel so far."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) for stat in stats), sum(int(stat[12]) for stat in stats)


def sampled(spy: Path, up: Up, pool: Path) -> dict[str, float]:
    """Shares of the stages in one of the serving processes while all are under load."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        out = Path(folder) / "stacks"
        loading = threading.Thread(target=turn, args=(up, pool, CONNECTIONS, SECONDS + 2))
        loading.start()
        command = [str(spy), "record", "-p", str(serving(up)[0]), "-r", str(RATE), "-d", str(SECONDS)]
        subprocess.run([*command, "-f", "raw", "-o", str(out)], check=True, capture_output=True, timeout=SECONDS + 60)
        loading.join()
        return stages(out.read_text().splitlines())


def measured(python: Path, spy: Path, workload: Workload, turns: int) -> tuple[dict[str, float], dict[str, float]]:
    """Microseconds by stage; and those of the parts alone, of the kernel, and the whole."""
    with started(TRIMTAB, python, workload) as up:
        pool = pool_of(up, workload)
        turn(up, pool, CONNECTIONS, 1)
        before = modes(serving(up))
        whole = median(turn(up, pool, CONNECTIONS, 1).cpu_us for _ in range(turns))
        user, kernel = (now - then for now, then in zip(modes(serving(up)), before, strict=True))
        assert user + kernel > TICKS / 2, "the serving processes had nothing to do"
        shares = sampled(spy, up, pool)
    alone = parts(python, workload, pool)
    return {name: share * whole for name, share in shares.items()}, alone | {
        "whole": whole,
        "kernel": whole * kernel / (user + kernel),
    }


def numbers(found: dict[str, tuple[dict[str, float], dict[str, float]]], facts: str) -> str:
    """What the page says of this run."""
    lines = []
    for name in ORDER:
        cells = [f"{cost[name]:.1f}" if name in cost else "-" for cost, _ in found.values()]
        beside = [f"{alone[ALONE[name]]:.1f}" if name in ALONE else "" for _, alone in found.values()]
        lines.append([name, *(cell for pair in zip(cells, beside, strict=True) for cell in pair)])
    for label, key in (("whole request", "whole"), ("of it in the kernel", "kernel")):
        lines.append([label, *(cell for _, alone in found.values() for cell in (f"{alone[key]:.1f}", ""))])
    head = ["stage", *(cell for name in found for cell in (f"{name}, us", "alone, us"))]
    return f"{table(head, lines)}\n\n{facts}"


def main() -> None:
    """Measures, prints, and fills the page in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="keep the environments for the next time")
    args = parser.parse_args()
    end_cleanly()
    WORK.mkdir(exist_ok=True)
    with (
        kept("peers/trimtab", keep=args.keep),
        kept("profiler", keep=args.keep),
        kept("pools", keep=False),
        kept("bundles", keep=args.keep),
    ):
        python = prepared(TRIMTAB)
        spy = environment("profiler", HERE / "profiler.txt").parent / "py-spy"
        make_models()
        others = Others()
        chosen = [one for one in WORKLOADS if one.name in CHOSEN]
        found = {one.name: measured(python, spy, one, args.turns) for one in chosen}
        facts = f"Machine: {machine()}; other programs took {others.cores():.1f} cores meanwhile.\n"
        facts += f"Versions: {versions(python, [*TRIMTAB.versions, *LIBRARIES])}."
    said = numbers(found, facts)
    whats = {one.name: f"{one.name}, {one.what}" for one in chosen}
    drawn = picture({whats[name]: cost for name, (cost, _) in found.items()})
    (ROOT / "docs/images/request-profile.svg").write_text(drawn)
    page = PAGE.read_text()
    PAGE.write_text(re.sub(f"{MARKS}.*{MARKS}", lambda _: f"{MARKS}\n{said}\n{MARKS}", page, flags=re.DOTALL))
    print(said)


if __name__ == "__main__":
    main()

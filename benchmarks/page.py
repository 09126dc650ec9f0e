"""The comparison as a page: one table a workload, ratios of medians from one run, what is missing and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Protocol

from contenders import TRIMTAB, Peer
from measure import spread, table
from serving import Start, Turn
from workloads import Workload

BESIDE = (1, 64)
MAIN = 16
# times the peer's requests a second at 16 connections, which we hold ourselves to; and of the best peer's p99
GOALS: dict[str, dict[str, int]] = {
    name: dict(zip(("W1", "W2", "W3", "W4", "W5b"), goals, strict=True))
    for name, goals in {
        "fastapi": (10, 5, 6, 4, 6),
        "mlserver": (20, 15, 12, 10, 12),
        "bentoml": (40, 30, 25, 15, 10),
        "litserve": (30, 30, 20, 15, 18),
        "kserve": (20, 15, 15, 10, 10),
        "pytriton": (12, 10, 10, 7, 10),
    }.items()
}
P99_GOAL = 4


class Seen(Protocol):
    """What was measured (`peers.Results`)."""

    turns: dict[tuple[str, str, int], list[Turn]]
    starts: dict[str, list[Start]]
    memory: dict[tuple[str, str], float]
    versions: dict[str, str]
    missing: dict[str, str]


def _of(turns: Sequence[Turn], value: Callable[[Turn], float]) -> list[float]:
    found = [value(one) for one in turns]
    return [one for one in found if not math.isnan(one)]


def _times(ours: Sequence[Turn], theirs: Sequence[Turn], value: Callable[[Turn], float]) -> str:
    """How many times as large theirs is; a dash where there is nothing to divide."""
    mine, other = _of(ours, value), _of(theirs, value)
    if not mine or not other or not median(mine):
        return "-"
    return f"{median(other) / median(mine):.1f}x"


def _middle(values: Sequence[float], digits: int) -> str:
    return f"{median(values):.{digits}f}" if values else "-"


def _line(label: str, ours: Sequence[Turn], turns: Sequence[Turn]) -> list[str]:
    rps = _of(turns, lambda one: one.rps)
    wrong = sum(one.failed for one in turns)
    return [
        label + (f" ({wrong} failed)" if wrong else ""),
        spread(rps, 0 if median(rps) >= 100 else 1),  # noqa: PLR2004 - three digits are enough
        _middle(_of(turns, lambda one: one.p50_ms), 2),
        _middle(_of(turns, lambda one: one.p99_ms), 1),
        spread(_of(turns, lambda one: one.cpu_us), 0),
        _times(turns, ours, lambda one: one.rps),
        _times(ours, turns, lambda one: one.cpu_us),
        _times(ours, turns, lambda one: one.p99_ms),
    ]


HEAD = ["server", "req/s", "p50 ms", "p99 ms", "CPU us a request", "req/s", "CPU", "p99"]


def _main_table(seen: Seen, peers: Sequence[Peer], workload: Workload) -> str:
    ours = seen.turns.get((TRIMTAB.name, workload.name, MAIN), [])
    found = [(peer, seen.turns.get((peer.name, workload.name, MAIN), [])) for peer in peers]
    lines = [_line(peer.label, ours, turns) for peer, turns in found if turns]
    return f"### {workload.name}: {workload.what}\n\n{table(HEAD, lines)}" if lines else ""


def _beside_table(seen: Seen, peers: Sequence[Peer], workloads: Sequence[Workload], count: int) -> str:
    """Requests a second and p99 at another number of connections; in brackets trimtab's req/s over the peer's."""
    lines = []
    for peer in peers:
        cells = []
        for workload in workloads:
            turns = seen.turns.get((peer.name, workload.name, count), [])
            ours = seen.turns.get((TRIMTAB.name, workload.name, count), [])
            rps, p99 = _of(turns, lambda one: one.rps), _of(turns, lambda one: one.p99_ms)
            times = "" if peer.name == TRIMTAB.name or not rps else f" ({_times(turns, ours, lambda one: one.rps)})"
            cells.append(f"{_middle(rps, 0)} / {_middle(p99, 1)}{times}" if rps else "-")
        if any(cell != "-" for cell in cells):
            lines.append([peer.label, *cells])
    return table(["server", *(workload.name for workload in workloads)], lines) if lines else ""


def _goals_table(seen: Seen, peers: Sequence[Peer], workloads: Sequence[Workload]) -> str:
    """How many times the peer's requests a second ours are, and how many times that we want."""
    names = [workload.name for workload in workloads if any(workload.name in goal for goal in GOALS.values())]
    lines = []
    for peer in [peer for peer in peers if peer.name in GOALS]:
        cells = [_goal(seen, peer, name) for name in names]
        if any(cell != "-" for cell in cells):
            lines.append([peer.label, *cells])
    times = []
    for name in names:
        p99 = {peer.name: _of(seen.turns.get((peer.name, name, MAIN), []), lambda one: one.p99_ms) for peer in peers}
        mine, others = p99.pop(TRIMTAB.name, []), [median(found) for found in p99.values() if found]
        times.append(_wanted(min(others) / median(mine), P99_GOAL) if mine and others else "-")
    return table(["server", *names], [*lines, ["p99 of the best", *times]]) if lines else ""


def _goal(seen: Seen, peer: Peer, name: str) -> str:
    ours, theirs = (seen.turns.get((one, name, MAIN), []) for one in (TRIMTAB.name, peer.name))
    if not ours or not theirs or name not in GOALS[peer.name]:
        return "-"
    ratio = median(_of(ours, lambda one: one.rps)) / median(_of(theirs, lambda one: one.rps))
    return _wanted(ratio, GOALS[peer.name][name])


def _wanted(ratio: float, goal: int) -> str:
    return f"{ratio:.1f} ({goal})" if ratio >= goal else f"**{ratio:.1f}** ({goal})"


def _start_table(seen: Seen, peers: Sequence[Peer]) -> str:
    lines = []
    for peer in peers:
        starts = seen.starts.get(peer.name, [])
        if starts:
            memory = [mb for (name, _), mb in seen.memory.items() if name == peer.name]
            wall, cpu = spread([one.wall_s for one in starts], 1), spread([one.cpu_s for one in starts], 1)
            lines.append([peer.label, wall, cpu, spread(memory, 0) if memory else "-"])
    return table(["server", "first right answer, wall s", "CPU s", "memory after the load, PSS MB"], lines)


def _settings(seen: Seen, peers: Sequence[Peer]) -> str:
    lines = [f"- **{peer.label}**: {seen.versions[peer.name]}." for peer in peers if peer.name in seen.versions]
    return "\n".join(lines)


def page(seen: Seen, peers: Sequence[Peer], workloads: Sequence[Workload], facts: Mapping[str, Any]) -> str:
    """The page that is kept."""
    parts = [HEADER.format(**facts), f"## {MAIN} connections"]
    if goals := _goals_table(seen, peers, workloads):
        parts.append(f"{GOALS_HEAD}\n\n{goals}")
    parts += [part for workload in workloads if (part := _main_table(seen, peers, workload))]
    for count in BESIDE:
        beside = _beside_table(seen, peers, workloads, count)
        if beside:
            plural = "connection" if count == 1 else "connections"
            parts.append(f"## {count} {plural}\n\nReq/s / p99 ms (trimtab's req/s over the peer's).\n\n{beside}")
    parts.append(
        f"## Start and memory\n\nOne start for each model; the model is the only one.\n\n{_start_table(seen, peers)}"
    )
    parts.append(f"## Versions\n\n{_settings(seen, peers)}")
    missing = "\n".join(f"- {what}: {why}" for what, why in seen.missing.items()) or "Nothing."
    parts.append(f"## Not measured, and why\n\n{missing}")
    command = "python benchmarks/peers.py" + (" --quick" if facts["quick"] else "")
    return "\n\n".join([*parts, f"Written by `{command}`."]) + "\n"


GOALS_HEAD = """Times the peer's requests a second, in brackets how many times we want; bold where that is not reached.
The last line is the best peer's p99 over ours."""
HEADER = """# trimtab beside other model servers

Median (lowest-highest) of {turns} turns of one second (two for W5 above one connection), the servers of a model up
at the same time and loaded in turn, after a turn that does not count; while one is loaded the others are stopped.
Load: {generator}, one thread, on the same cores, another body each request. Every answer was right before the load
began. The last three columns are ratios of medians: how many times the peer's requests a second trimtab's are, and how
many times trimtab's CPU time and p99 the peer's are; above 1 is better for trimtab. trimtab has its guards on: callers
show an API key, metrics count, and no answer leaves before it is in the journal (`written`); the others have neither
key nor journal. CPU is that of all processes of the server. x2 is two worker processes. Settings and their reasons are
in the first lines of each peer's file under [peers](../peers); how far to trust it: [README](../README.md).

Machine: {machine}; other programs took {others:.1f} cores meanwhile."""

"""Plays the live month to a server as its clients would: in the order of departure, over a few kept connections.

    python demo/traffic.py http://127.0.0.1:8080/v1/models/flights/rows

On odd days each flight is a request of its own, on even days flights come in small batches. Within a day the next
request goes out as soon as a connection is free. Answers and times are left in demo/scratch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

import nyc
from keepalive import Connection

CONNECTIONS: Final = 4
BATCH: Final = (2, 64)  # rows, smallest and largest
SINGLES_S: Final = 30.0  # after so long, single flights have had their share and all go in batches
SEED: Final = 10
QUANTILES: Final = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that was answered: its rows, the time until the whole answer was there, and the answer."""

    start: int
    stop: int
    seconds: float
    answer: bytes


@dataclass(frozen=True, slots=True)
class Day:
    """One day of traffic; `seconds` from the first request to the last answer."""

    kind: str
    seconds: float
    sent: list[Sent]


def main() -> None:
    """Reads the live month, plays it, writes answers.parquet, times.parquet and traffic.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the server takes plain rows")
    url = parser.parse_args().url
    live = pd.read_parquet(nyc.WORK / "live.parquet")
    days = asyncio.run(play(url, live["day"].to_numpy(), nyc.ask_line(live)))
    answers = [row for day in days for one in sorted(day.sent, key=lambda one: one.start) for row in rows_of(one)]
    pd.DataFrame(answers).to_parquet(nyc.WORK / "answers.parquet", index=False)
    times = [(day.kind, one.stop - one.start, one.seconds * 1e3) for day in days for one in day.sent]
    pd.DataFrame(times, columns=["kind", "rows", "ms"]).to_parquet(nyc.WORK / "times.parquet", index=False)
    said = {kind: summary([day for day in days if day.kind == kind]) for kind in ("single", "batch")}
    (nyc.WORK / "traffic.json").write_text(json.dumps({"connections": CONNECTIONS, **said}, indent=2) + "\n")
    for kind, numbers in said.items():
        print(f"{kind:6} {numbers}")


async def play(url: str, day_of: Any, lines: list[str]) -> list[Day]:
    """All days, one after the other."""
    chance = np.random.default_rng(SEED)
    connections = [await Connection.open(url) for _ in range(CONNECTIONS)]
    edges = [*np.flatnonzero(np.diff(day_of, prepend=-1)).tolist(), len(lines)]
    days: list[Day] = []
    singles_s = 0.0
    for start, stop in pairwise(edges):
        single = bool(day_of[start] % 2) and singles_s < SINGLES_S
        cuts = range(start, stop + 1) if single else [*batches(start, stop, chance)]
        bodies = [(first, last, f"[{','.join(lines[first:last])}]".encode()) for first, last in pairwise(cuts)]
        began = time.perf_counter()
        sent = await play_day(connections, iter(bodies))
        days.append(Day("single" if single else "batch", time.perf_counter() - began, sent))
        singles_s += days[-1].seconds if single else 0.0
    for connection in connections:
        await connection.close()
    return days


def batches(start: int, stop: int, chance: np.random.Generator) -> Iterator[int]:
    """Where batches of chance size begin and end, the first at `start`, the last at `stop`."""
    while start < stop:
        yield start
        start += int(chance.integers(*BATCH, endpoint=True))
    yield stop


async def play_day(connections: list[Connection], bodies: Iterator[tuple[int, int, bytes]]) -> list[Sent]:
    """The bodies in their order, each on the first connection that is free."""
    sent: list[Sent] = []

    async def work(connection: Connection) -> None:
        for start, stop, body in bodies:
            began = time.perf_counter()
            answer = await connection.ask(body)
            sent.append(Sent(start, stop, time.perf_counter() - began, answer))

    async with asyncio.TaskGroup() as group:
        for connection in connections:
            group.create_task(work(connection))
    return sent


def rows_of(one: Sent) -> list[dict[str, Any]]:
    """The answer to each row of a request, with the id under which truth may arrive; ValueError if one is missing."""
    answer = json.loads(one.answer)
    rows: list[dict[str, Any]] = answer["rows"]
    if len(rows) != one.stop - one.start:
        msg = f"{len(rows)} answers to {one.stop - one.start} rows"
        raise ValueError(msg)
    return [{**row, "id": answer["id"], "row": at} for at, row in enumerate(rows)]


def summary(days: list[Day]) -> dict[str, float]:
    """Counts, rates and latency quantiles of days of one kind."""
    sent = [one for day in days for one in day.sent]
    seconds = sum(day.seconds for day in days)
    rows = sum(one.stop - one.start for one in sent)
    latency = np.percentile([one.seconds * 1e3 for one in sent], QUANTILES) if sent else [float("nan")] * len(QUANTILES)
    quantiles = {f"p{which}_ms": round(float(value), 2) for which, value in zip(QUANTILES, latency, strict=True)}
    rates = {"requests_per_s": len(sent) / seconds, "rows_per_s": rows / seconds} if sent else {}
    return {"requests": len(sent), "rows": rows, **{name: round(rate) for name, rate in rates.items()}, **quantiles}


if __name__ == "__main__":
    main()

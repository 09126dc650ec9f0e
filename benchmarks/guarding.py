"""Each guard of a request alone, in us of this thread's CPU, in turns: `python guarding.py BUNDLE POOL`.

Prints one line of JSON: the costs of each guard, one for each turn.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from load import read_pool
from trimtab.bundle.read import open_bundle
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Signature
from trimtab.core.table import Column, Table
from trimtab.server.app import open_app
from trimtab.server.batching.call import Call
from trimtab.server.connection import Connection
from trimtab.server.dialects import oip
from trimtab.server.ids import own_ids
from trimtab.server.opening import Opened, open_endpoints
from trimtab.server.settings import Settings

TURNS = 15
CALLS = 2000


def cost_us(call: Callable[[int], Any]) -> float:
    """One turn, less the loop around it."""
    begin = time.thread_time()
    for at in range(CALLS):
        call(at)
    middle = time.thread_time()
    for at in range(CALLS):
        _nothing(at)
    return (2 * middle - begin - time.thread_time()) / CALLS * 1e6


def _nothing(_at: int) -> None:
    return None


def unchecked(signature: Signature) -> Callable[[Mapping[str, Any]], Table]:
    """Columns to a table, which the model needs, and nothing else."""
    fields = [(field.name, DTYPES[field.dtype]) for field in signature.inputs]

    def table(columns: Mapping[str, Any]) -> Table:
        found = {}
        for name, dtype in fields:
            raw = columns[name]  # a dialect may have made a column of it already
            found[name] = raw if isinstance(raw, Column) else Column(np.asarray(raw, dtype))
        return Table(found, len(columns[fields[0][0]]))

    return table


async def costs(bundle: Path, pool: Path) -> dict[str, list[float]]:
    """All of them, in turns."""
    app = open_app({"model": open_bundle(bundle)}, Settings())
    opened = Opened([])
    await open_endpoints(app.plane, {}, opened)
    loop, endpoint, metrics = asyncio.get_running_loop(), app.plane.endpoints["model"], app.plane.metrics
    head, bodies = read_pool(pool)
    start = f"POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\n{head}"
    raw = [f"{start}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    requests = [event for one in raw for event in Connection(Settings().limits).receive(one)]
    columns = [oip.read(request, endpoint, "id").request.columns for request in requests]
    needed, table, ids = unchecked(endpoint.signature), endpoint.check(columns[0]), own_ids()
    place = metrics.place("model", "oip")
    pending: dict[Call, None] = {}

    def count(_at: int) -> None:
        metrics.begin()
        metrics.count_rows("model", 1)
        metrics.end_at(place, 200, 0.0004)

    def deadline(_at: int) -> None:
        call = Call(table, loop.time() + 30.0, _nothing)
        pending[call] = None
        pending.pop(call, None)

    def admitted(_at: int) -> None:
        endpoint.require_ready()  # before the body is decoded, at the check, and at the queue
        endpoint.require_ready()
        endpoint.require_ready()

    turns = {
        "ids": lambda _at: next(ids),
        "metrics": count,
        "admission": admitted,
        "deadline": deadline,
        "check": lambda at: endpoint.check.quickly(columns[at % len(columns)]),
        "check needed": lambda at: needed(columns[at % len(columns)]),
    }
    found: dict[str, list[float]] = {name: [] for name in turns}
    for number, (name, call) in itertools.product(range(TURNS + 1), turns.items()):
        cost = cost_us(call)
        if number:
            found[name].append(cost)
    opened.close()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(costs(Path(sys.argv[1]), Path(sys.argv[2])))))

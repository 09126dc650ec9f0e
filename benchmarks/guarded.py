"""Our data plane in one process, put together from its public parts: `python guarded.py BUNDLE PORT [LEFT OUT ...]`.

What is left out is left out by composition: `metrics` are ones that count nothing, `check` makes the table without a
look at names, types or values. Everything else is what `trimtab serve` runs.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trimtab.bundle.read import open_bundle
from trimtab.core.checker import Checker
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Signature
from trimtab.core.table import Column, Table
from trimtab.server.app import App
from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.listener import Listener
from trimtab.server.logs import to_stderr
from trimtab.server.metrics import Metrics, Place
from trimtab.server.opening import Opened, open_endpoints
from trimtab.server.process import event_loop
from trimtab.server.settings import Settings


class Silent(Metrics):
    """Metrics that count nothing."""

    def begin(self) -> None:
        """Nothing."""

    def end(self, model: str, dialect: str, status: int, seconds: float) -> None:
        """Nothing."""

    def end_at(self, place: Place, status: int, seconds: float) -> None:
        """Nothing."""

    def count_rows(self, model: str, rows: int) -> None:
        """Nothing."""


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


class Believing(Checker):
    """A check that finds everything right."""

    def __init__(self, signature: Signature) -> None:
        """For one signature."""
        super().__init__(signature)
        self._table = unchecked(signature)

    def quickly(self, columns: Mapping[str, Any]) -> Table:
        """The table, nothing looked at."""
        return self._table(columns)


class Unchecked(Endpoint):
    """An endpoint that believes its callers."""

    def __init__(self, name: str, bundle: Any) -> None:
        """As any other."""
        super().__init__(name, bundle)
        self.check = Believing(bundle.signature)


def composed(bundle: Path, without: set[str]) -> App:
    """The app without these guards."""
    opened = open_bundle(bundle)
    endpoint = (Unchecked if "check" in without else Endpoint)("model", opened)
    metrics = (Silent if "metrics" in without else Metrics)(["model"])
    return App(DataPlane({"model": endpoint}, Settings(), to_stderr, metrics))


async def main(bundle: Path, port: int, without: set[str]) -> None:
    """Serves until told to stop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    app = composed(bundle, without)
    opened = Opened([])
    await open_endpoints(app.plane, {}, opened)
    connections: set[Listener] = set()
    server = await loop.create_server(lambda: Listener(app, connections, loop), "127.0.0.1", port)
    await stop.wait()
    server.close()
    opened.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(main(Path(sys.argv[1]), int(sys.argv[2]), set(sys.argv[3:])))

"""Sealed files for shipping, and a destination in memory that obeys the protocol and fails when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from trimtab.journal.ship.carrier import AwayError, Carrier, DamagedError, Parcel, Tools
from trimtab.journal.ship.destination import Destination

WRITER = "0123456789abcdef"
BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def interactions(first: int, rows: int, **more: list[Any]) -> pa.Table:
    """Lines of the sealed table, one interaction each with one row, by number."""
    numbers = range(first, first + rows)
    table = {
        "id": pa.array([f"aabbccddeeffmmmmmmmmmmmm-{number:x}" for number in numbers]),
        "row": pa.array([0] * rows, pa.int32()),
        "time": pa.array([BEGIN + timedelta(seconds=number) for number in numbers], pa.timestamp("us", "UTC")),
        "endpoint": ["churn"] * rows,
        "revision": ["sha256:abc"] * rows,
        "status": pa.array([200] * rows, pa.int16()),
        "seconds": [0.001] * rows,
        "in_tenure": pa.array(list(numbers), pa.int64()),
        "in_plan": [f"plan {number % 7}" for number in numbers],
        "out_probability": [number / 1000 for number in numbers],
    }
    return pa.table(table | more)


def seal(journal: Path, number: int, table: pa.Table | None = None, *, stream: str = "interactions") -> Path:
    """Write one sealed file under the name that the segment of that number gives it, as the keeper would."""
    day = (BEGIN + timedelta(days=number // 24)).date().isoformat()
    middle = "endpoint=churn/" if stream == "interactions" else ""
    path = journal / stream / f"{middle}day={day}" / f"{WRITER}-{number}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    parquet.write_table(interactions(number * 10, 10) if table is None else table, draft, compression="zstd")
    draft.replace(path)
    return path


class Harbour:
    """A destination. `goods`: names to bytes; `away`: answers nobody; `refuses`: names that it does not take."""

    def __init__(self) -> None:
        self.goods: dict[str, bytes] = {}
        self.sent: list[str] = []
        self.opened = self.closed = self.asked = 0
        self.away = ""
        self.refuses: Iterable[str] = ()
        self.damaged: Iterable[str] = ()
        self.on_send: Callable[[Parcel], bool] = lambda _: True
        self.tools: list[Tools] = []

    def open(self, destination: Destination, tools: Tools) -> Carrier:
        self.opened += 1
        self.tools.append(tools)
        return _Boat(self, str(destination))


class _Boat:
    def __init__(self, harbour: Harbour, place: str) -> None:
        self.harbour, self.place = harbour, place

    def reach(self) -> None:
        self.harbour.asked += 1
        if self.harbour.away:
            raise AwayError(self.harbour.away, self.place, "wait")

    def send(self, parcel: Parcel) -> bool:
        self.harbour.sent.append(parcel.name)
        if parcel.name in self.harbour.damaged:
            raise DamagedError("it cannot be read", parcel.name)
        if self.harbour.away or parcel.name in self.harbour.refuses:
            raise AwayError(self.harbour.away or "not this one", self.place)
        done = self.harbour.on_send(parcel)
        if done:
            self.harbour.goods[parcel.name] = parcel.file.read()
        return done

    def close(self) -> None:
        self.harbour.closed += 1

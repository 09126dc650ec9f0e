"""Files of truth in each format, and the journal that they go to."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.journal.truth.entries import Speaker
from trimtab.ops.truth.bring import Said

NOW = 1_700_000_000.0


@pytest.fixture
def said() -> Said:
    """An operator, at a time that stands still."""
    return Said(Speaker("uid:7", operator=True), NOW)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write("truth.csv", [{"id": "a", "value": 1}]): by the suffix; a CSV cell is the text of its value."""

    def make(name: str, rows: Sequence[Mapping[str, Any]], types: Mapping[str, Any] | None = None) -> Path:
        path = tmp_path / name
        names = list(dict.fromkeys(key for row in rows for key in row))
        if path.suffix == ".parquet":
            columns = {one: pa.array([row.get(one) for row in rows], (types or {}).get(one)) for one in names}
            parquet.write_table(pa.table(columns), path)
        elif path.suffix == ".csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(rows)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return path

    return make


class Kept:
    """A journal in memory that can be full."""

    def __init__(self) -> None:
        self.records: list[Mapping[str, Any]] = []
        self.writes = 0
        self.room = 10**9  # writes that succeed

    def __call__(self, records: Sequence[Mapping[str, Any]]) -> None:
        if self.writes >= self.room:
            raise OSError(28, "No space left on device")
        self.writes += 1
        self.records += records

    def values(self, *keys: str) -> list[tuple[Any, ...]]:
        return [tuple(record[key] for key in keys) for record in self.records]


@pytest.fixture
def kept() -> Kept:
    return Kept()

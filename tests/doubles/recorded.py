"""A journal in memory: rows of requests as a table, with what a real one would say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from trimtab.ops.replay.recorded import ORDER, Part

BEGIN = datetime(2013, 10, 1, tzinfo=UTC)


class Recorded:
    """The table's rows; policies: of the columns that are not kept as they were."""

    def __init__(self, table: pa.Table, policies: Mapping[str, str] | None = None) -> None:
        self.table = table
        self.policies = {name: "keep" for name in table.column_names if name.startswith(("in_", "out_"))}
        self.policies |= policies or {}

    def endpoints(self) -> Mapping[str, int]:
        counted = self.table["endpoint"].value_counts().to_pylist()
        return {one["values"]: one["counts"] for one in counted}

    def parts(self, endpoint: str) -> Sequence[Part]:
        return [Part(self._of(endpoint).num_rows, self.policies)]

    def columns(self, endpoint: str) -> Mapping[str, Any]:
        return {field.name: field.type for field in self._of(endpoint).schema}

    def read(self, endpoint: str, columns: Sequence[str], ids: pa.Array | None = None) -> pa.Table:
        table = self._of(endpoint)
        if ids is not None:
            table = table.filter(compute.is_in(table["id"], value_set=ids))
        return table.sort_by([(name, "ascending") for name in ORDER]).select(list(columns))

    def _of(self, endpoint: str) -> pa.Table:
        return self.table.filter(compute.equal(self.table["endpoint"], endpoint))


def interactions(columns: Mapping[str, Any], **facts: Any) -> pa.Table:
    """Rows of the sealed table, one a request and a second, with the given columns; facts go before the usual ones."""
    columns = {name: pa.array(values) for name, values in columns.items()}
    rows = len(next(iter(columns.values())))
    usual: dict[str, Any] = {
        "id": [f"0123456789abanybody00000-{number:x}" for number in range(rows)],
        "row": np.zeros(rows, np.int32),
        "time": [BEGIN + timedelta(seconds=number) for number in range(rows)],
        "endpoint": ["flights"] * rows,
        "revision": ["sha256:" + "0" * 64] * rows,
        "arm": [""] * rows,
        "probability": np.ones(rows),
        "sampled": np.ones(rows),
        "principal": [""] * rows,
        "dialect": ["oip"] * rows,
        "status": np.full(rows, 200, np.int16),
        "seconds": np.full(rows, 0.002),
        "rows": np.ones(rows, np.int32),
        "error": [""] * rows,
        "request_id": [""] * rows,
        "subject": pa.nulls(rows, pa.string()),
    }
    whole = {**usual, **facts}
    whole["time"] = pa.array(whole["time"], pa.timestamp("us", "UTC"))
    return pa.table({**whole, **columns})

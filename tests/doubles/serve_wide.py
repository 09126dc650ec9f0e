"""A real server process over two models in memory that never fail: one of few columns, one of every kind of column.

Prints its address, then answers. Its only argument, if there is one, holds settings as JSON.
"""

import json
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from trimtab.bundle.golden import Golden
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.core.tensors import split_items
from trimtab.server.run import run
from trimtab.server.settings import Settings

SMALL = Signature((Field("x", "FP64"), Field("plan", "BYTES", categories=("basic", "plus"))), (Field("y", "FP64"),))
WIDE = Signature(
    (
        Field("age", "INT64", low=0, high=120),
        Field("tiny", "INT8"),
        Field("huge", "UINT64"),
        Field("half", "FP16"),
        Field("single", "FP32", high=1000.0),
        Field("spend", "FP64", nullable=True),
        Field("flag", "BOOL"),
        Field("level", "INT32", categories=(1, 2, 3)),
        Field("city", "BYTES", nullable=True),
        Field("blob", "BYTES", kind="bytes"),
        Field("since", "BYTES", kind="datetime"),
        Field("pair", "FP64", (-1, 2)),
        Field("tags", "BYTES", (-1, -1)),
    ),
    (
        Field("score", "FP64"),
        Field("count", "UINT64"),
        Field("label", "BYTES"),
        Field("until", "BYTES", kind="datetime"),
        Field("odds", "FP32", (-1, 2)),
        Field("words", "BYTES", (-1, -1)),
    ),
    "arrays",
)
ROW = {
    "age": [30], "tiny": [-128], "huge": [2**64 - 1], "half": [1.5], "single": [0.1], "spend": [None], "flag": [True],
    "level": [2], "city": [None], "blob": ["é"], "since": ["2026-11-24T12:00:00Z"], "pair": [[1.0, 2.0]],
    "tags": [["a", "b"]],
}  # fmt: skip


def small(table):
    """The double, which overflows."""
    with np.errstate(over="ignore"):
        return {"y": table.columns["x"].values * 2}


def wide(table):
    """Something of every kind of output: NaN where `spend` is null, infinity where it is nothing."""
    columns = {name: column.values for name, column in table.columns.items()}
    with np.errstate(all="ignore"):
        return {
            "score": 1 / columns["spend"],
            "count": columns["huge"],
            "label": split_items([city or "" for city in columns["city"]]),
            "until": columns["since"],
            "odds": columns["pair"].astype(np.float32),
            "words": columns["tags"],
        }


@dataclass
class MemoryBundle:
    """A bundle without a folder."""

    name: str
    signature: Signature
    predict: object
    row: dict
    digest: str = f"sha256:{'cd' * 32}"
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))
    inline: bool = True

    def load(self):
        return self.predict

    def privacy(self):
        return {}

    def golden(self):
        table = check(self.signature, self.row)
        return Golden(table, self.predict(table), 0.0, 0.0)


BUNDLES = {
    "small": MemoryBundle("small", SMALL, small, {"x": [1.5], "plan": ["plus"]}),
    "wide": MemoryBundle("wide", WIDE, wide, ROW),
}

if __name__ == "__main__":
    given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    run(
        lambda: BUNDLES,
        Settings(**{"port": 0, "rows_limit": 1000, **given}),
        lambda address: print(address, flush=True),
    )

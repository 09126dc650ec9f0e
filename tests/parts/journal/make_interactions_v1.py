"""Writes a segment with interactions of every kind of column, and what it is sealed as, for good.

    python tests/parts/journal/make_interactions_v1.py

It was run once, when that form of records was new. Whatever they are written like later, these are still sealed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":  # pytest sees the tests by itself
    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.doubles.logged import NOON, interaction, schema_of

from trimtab.core.lists import split_rows
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.seal.gather import Gathering
from trimtab.journal.segments.files import OS
from trimtab.journal.segments.frames import Frame, Kind, declaration
from trimtab.journal.segments.growing import Growing
from trimtab.journal.segments.records import record_frame

FOLDER = Path(__file__).parent / "interactions-v1"
NAME = "00112233aabbccdd-000002"
FIELDS = (
    Field("half", "FP16"), Field("count", "UINT64"), Field("flag", "BOOL"), Field("text", "BYTES"),
    Field("raw", "BYTES", kind="bytes"), Field("when", "BYTES", kind="datetime", frame="datetime64[ns]"),
    Field("pair", "INT8", (-1, 2)), Field("some", "FP32", (-1, -1)), Field("gone", "INT64", nullable=True),
)  # fmt: skip


def frames() -> list[Frame]:
    """What a process may write into one segment."""
    known, free = schema_of(FIELDS), schema_of((), None, endpoint="free", revision="sha256:two")
    rows = {
        "half": Column(np.array([0.5, -2], np.float16)),
        "count": Column(np.array([2**64 - 1, 0], np.uint64)),
        "flag": Column(np.array([True, False])),
        "text": Column(np.array(["später", None], object), np.array([False, True])),
        "raw": Column(np.array([b"\xff\x00", b""], object)),
        "when": Column(np.array(["2026-02-16T12:00:00.123456789", "NaT"], "M8[ns]")),
        "pair": Column(np.array([[1, 2], [3, -4]], np.int8)),
        "some": Column(split_rows(iter([np.array([], np.float32), np.array([1.5], np.float32)]))),
        "gone": Column(np.array([7, 0]), np.array([False, True])),
    }
    facts = {"principal": "alice", "request_id": "r-1", "sampled": 0.5, "subjects": ["s1", ""], "arm": "b"}
    truth = {"id": "a-1", "value": "paid", "time": NOON, "received": NOON + 60, "principal": "alice", "operator": True}
    return [
        declaration(1, known.to_json()),
        declaration(2, free.to_json()),
        Frame(Kind.INTERACTION, interaction(1, known, rows, {"y": np.array([0.25, 1])}, id="a-1", **facts)),
        Frame(Kind.INTERACTION, interaction(1, known, None, None, id="a-2", status=400, error="P310", time=NOON + 1)),
        Frame(Kind.INTERACTION, interaction(2, free, {}, {"n": np.array([1])}, id="a-3", rows=1, time=NOON + 2)),
        Frame(Kind.INTERACTION, interaction(2, free, {}, {"n": np.array([0.5])}, id="a-4", rows=1, time=NOON + 3)),
        record_frame("truth", truth),
        record_frame("feedback", {"id": "a-1", "time": NOON, "received": NOON, "score": 1.0, "label": True}),
        record_frame("audit", {"time": NOON, "what": "asked"}),
        Frame(Kind.GAP, b'{"count":3,"why":"full disk","seconds":1.5}'),
    ]


def tables(found: list[Frame]) -> dict[str, list[dict[str, Any]]]:
    """What the frames are sealed as, by folder and part."""
    gathering = Gathering(NAME, float(NOON))
    for frame in found:
        gathering.take(frame)
    gathering.finish([])
    told = {}
    for place, part, groups in gathering.tables():
        rows = [row for table in groups for row in table.to_pylist()]
        told[f"{place} {part}"] = [{name: plain(value) for name, value in row.items()} for row in rows]
    return told


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int | float | str | list) else str(value)


def main(folder: Path = FOLDER) -> None:
    """The segment, and its tables."""
    folder.mkdir(exist_ok=True)
    segment = Growing(folder, NAME, float(NOON), frames(), OS)
    segment.close()
    (folder / "sealed.json").write_text(json.dumps(tables(frames()), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

"""Interactions as a server writes them, into a real journal, without a server."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trimtab.core.signature import Field
from trimtab.core.table import Column, Table
from trimtab.journal.folder import Folder
from trimtab.journal.interactions.decode import decode
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.journal.seal.files import sealed_files, segment_of
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.records import record_frame
from trimtab.journal.segments.writer import Writer

DAY = 86_400
NOON = 20_500 * DAY + DAY // 2  # some noon, of 2026-02-16
FIELDS = (Field("x", "FP64"), Field("plan", "BYTES"))
OUTPUTS = (Field("y", "FP64"),)
INTERACTION_ID = "0123456789ababcdefghijkl-"


def schema_of(
    inputs: Sequence[Field] = FIELDS,
    outputs: Sequence[Field] | None = OUTPUTS,
    endpoint: str = "churn",
    revision: str = "sha256:one",
) -> Schema:
    answered = None if outputs is None else tuple(map(column_schema, outputs))
    return Schema(endpoint, revision, tuple(map(column_schema, inputs)), answered)


def interaction(
    number: int,
    schema: Schema,
    inputs: Mapping[str, Column] | None,
    outputs: Mapping[str, Any] | None,
    **facts: Any,
) -> bytes:
    """The record of an interaction. number: of the schema in the segment."""
    told = {
        "id": f"{INTERACTION_ID}0", "time": NOON, "seconds": 0.001, "status": 200, "dialect": "rows", "principal": "",
        "request_id": "", "error": "", "sampled": 1.0, "subjects": None, "arm": "", "probability": 1.0,
    } | facts  # fmt: skip
    height = told.get("rows", len(next(iter(inputs.values()))) if inputs else 0)
    order = (
        told["id"], round(told["time"] * 1e6), round(told["seconds"] * 1e6), told["status"], height, told["dialect"],
        told["principal"], told["request_id"], told["error"], told["sampled"], told["subjects"], told["arm"],
        told["probability"],
    )  # fmt: skip
    table = None if inputs is None else Table(inputs, height)
    return Encoder(number, schema, {}, frozenset())(order, table, outputs)


class Logging:
    """Writes interactions one by one; each has an id of its own, which is its number."""

    def __init__(self, writer: Writer, schema: Schema | None = None, prefix: str = INTERACTION_ID) -> None:
        self.writer = writer
        self.schema = schema or schema_of()
        self.number = writer.declare(self.schema.to_json())
        self.prefix = prefix

    def ask(self, count: int, rows: int = 1, **facts: Any) -> str:
        """An interaction of that number, whose values are known from it; its id."""
        plan = np.array([f"plan {count}"] * rows, object)
        x = np.arange(rows, dtype=float) + count
        facts.setdefault("id", f"{self.prefix}{count:x}")
        facts.setdefault("time", NOON + count)
        record = interaction(
            self.number, self.schema, {"x": Column(x), "plan": Column(plan)}, {"y": x * 2}, **facts
        )  # fmt: skip
        self.writer.write([Frame(Kind.INTERACTION, record)])
        return str(facts["id"])

    def tell(self, stream: str, **record: Any) -> None:
        """A record of a stream."""
        self.writer.write([record_frame(stream, record)])


def seen(folder: Folder) -> Counter[str]:
    """How often each interaction of one row is in the journal, as a reader finds it: segments first, then files."""
    from pyarrow import parquet

    found: Counter[str] = Counter()
    with segments(folder) as held:
        names = {segment.name for segment in held}
        for path in sealed_files(folder.path):
            if path.is_relative_to(folder.interactions) and segment_of(path.name) not in names:
                with path.open("rb") as file:
                    found.update(parquet.ParquetFile(file).read(["id"], use_threads=False)["id"].to_pylist())
        for segment in held:
            frames = (frame for frame in segment.frames() if frame.kind == Kind.INTERACTION)
            found.update(decode(frame.payload).facts.id for frame in frames)
    return found

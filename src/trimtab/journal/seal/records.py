"""What segments hold beside interactions, as sealed tables: truth, feedback, gaps, and the records of other streams.

`gaps` tells what is not there: interactions that could not be written, and stretches of segments that could not be
read. Records of streams that are no tables of their own are kept among `records`, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

from trimtab.journal.segments.scan import Damage
from trimtab.journal.truth.records import feedback_row, truth_row

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Row", "damage_row", "gap_row", "misfit_row", "record_row", "table_of", "time_of"]

Row: TypeAlias = dict[str, Any]
_MICROS: Final = 1_000_000
_TIMES: Final = ("time", "received")
_DAY_OF: Final = {"truth": "received", "feedback": "received"}  # of other tables `time`


def record_row(stream: str, record: Mapping[str, Any], written: float) -> tuple[str, Row]:
    """The table that a record belongs into, with its stream for those without a table of their own, and its row there.

    written: about when, for those that do not say. ValueError for a record that is none of its stream.
    """
    try:
        if stream == "truth":
            return "truth", truth_row(record)
        if stream == "feedback":
            return "feedback", feedback_row(record)
    except (TypeError, ValueError) as error:
        raise ValueError(f"no record of `{stream}`: {error}") from None
    return f"records/stream={quote(stream, safe='')}", {
        "time": _moment(record.get("time"), written),
        "record": _json(record),
    }


def misfit_row(table: str, row: Row, written: float) -> tuple[str, Row]:
    """A row that does not fit its table's columns, as a record among `records`."""
    return f"records/stream={table.rpartition('=')[2]}", {"time": written, "record": _json(row)}


def gap_row(segment: str, gap: Mapping[str, Any], written: float) -> Row:
    """What a `GAP` frame says: so many interactions were not kept."""
    count, seconds = gap.get("count"), gap.get("seconds")
    return {
        "time": _moment(gap.get("time"), written),
        "segment": segment,
        "why": str(gap.get("why", "")),
        "count": count if isinstance(count, int) else None,
        "seconds": float(seconds) if isinstance(seconds, int | float) else None,
        "record": _json(gap),
    }


def damage_row(segment: str, damage: Damage, written: float) -> Row:
    """A stretch of a segment that could not be read; nobody knows what was there."""
    told = {"segment": segment, "why": f"segment {damage.what}", "at": damage.at, "length": damage.length}
    return {"time": written, **told}


def _moment(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record)  # in ASCII: there are texts that are not in any other encoding


def time_of(table: str, row: Row) -> int:
    """Microseconds since 1970 at which the row belongs."""
    return round(float(row[_DAY_OF.get(table, "time")]) * _MICROS)


def table_of(table: str, rows: Sequence[Row]) -> pa.Table:
    """Rows of one of the tables, by time. ValueError or OverflowError where they do not fit their columns."""
    import pyarrow as pa

    types = _types()[table.partition("/")[0]]
    ordered = sorted(rows, key=lambda row: time_of(table, row))
    columns = {}
    for name, type_ in types.items():
        values = [row.get(name) for row in ordered]
        if name in _TIMES:
            micros = [None if value is None else round(value * _MICROS) for value in values]
            columns[name] = pa.array(micros, pa.int64()).cast(type_)
        else:
            columns[name] = pa.array(values, type_)
    return pa.table(columns)


def _types() -> dict[str, dict[str, pa.DataType]]:
    """The columns of each table, in order."""
    import pyarrow as pa

    text, time, number, whole = pa.string(), pa.timestamp("us", "UTC"), pa.float64(), pa.int64()
    about = {"id": text, "row": pa.int32()}
    said = {"time": time, "received": time, "principal": text, "operator": pa.bool_()}
    gap = {"time": time, "segment": text, "why": text, "count": whole, "seconds": number}
    return {
        "truth": {**about, "name": text, "value": text, "number": number, **said},
        "feedback": {**about, "score": number, "label": text, "comment": text, "correction": text, **said},
        "gaps": {**gap, "at": whole, "length": whole, "record": text},
        "records": {"time": time, "record": text},
    }

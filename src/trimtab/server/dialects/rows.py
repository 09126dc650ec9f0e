"""Plain rows: a JSON list of objects by column name, or `{"rows": [...], "id": "..."}`; answered row by row.

Where `accept` asks for events, each part of the answer is one: `part` with rows, then `end` with all that a whole
answer says beside its rows, or `error`.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Final

import msgspec

from trimtab.bundle.predictor import Outputs
from trimtab.core.check import Raw
from trimtab.core.dtypes import Array
from trimtab.core.lists import nest
from trimtab.core.tensors import TensorError, encode_json
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.body import checked_id, decode, patience_of, refuse_duplicates
from trimtab.server.dialects.events import EVENTS, asks_for_events, event
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.wire import Answer, Request

__all__ = ["ROW_EVENTS", "per_row", "read", "write", "write_events"]

_TYPES: Final = frozenset({b"application/json"})
_LIST: Final = re.compile(rb"[ \t\r\n]*\[")
_STRANGE: Final = 1000  # columns that no message would name anyway
_Row = dict[str, Any]


class _Body(msgspec.Struct):
    rows: list[_Row]
    id: str | msgspec.UnsetType | None = msgspec.UNSET


_WRAPPED: Final = msgspec.json.Decoder(_Body)
_BARE: Final = msgspec.json.Decoder(list[_Row])
_encode: Final = msgspec.json.Encoder().encode


def read(http: Request, endpoint: Endpoint, own_id: str) -> Exchange:
    """The request of a `rows` call; raises UserError for what is no such request."""
    timeout_s = patience_of(http, _TYPES)
    keys, given = 0, None
    if _LIST.match(http.body):
        rows = decode(_BARE, http.body)
    else:
        body = decode(_WRAPPED, http.body)
        rows, given = body.rows, body.id or None
        keys = 1 + (body.id is not msgspec.UNSET)
    refuse_duplicates(http.body, keys + sum(map(len, rows)))
    request_id = checked_id(given, own_id)
    request = InferRequest(endpoint.name, _columns(rows, endpoint), request_id, timeout_s=timeout_s)
    accept = http.headers.get(b"accept")
    if accept is None or b"event-stream" not in accept or not asks_for_events(accept):
        return Exchange(request, write)
    return Exchange(request, write_events, ROW_EVENTS if endpoint.yields else None)


def _columns(rows: list[_Row], endpoint: Endpoint) -> dict[str, Raw]:
    """Columns of the rows; a key that a row lacks is null, a column that no row has is missing unless nullable."""
    known = endpoint.inputs
    if rows and all(row.keys() == known.keys() for row in rows):
        return {name: [row[name] for row in rows] for name in known}
    columns: dict[str, Raw] = {
        name: [row.get(name) for row in rows]
        for name, field in known.items()
        if field.nullable or not rows or any(name in row for row in rows)
    }
    strange = dict.fromkeys(name for row in rows if not row.keys() <= known.keys() for name in row)
    return columns | {name: [row.get(name) for row in rows] for name in islice(strange.keys() - known.keys(), _STRANGE)}


def write(response: InferResponse) -> Answer:
    """One object a row, by output name; raises UserError P310 for values that JSON cannot carry."""
    return Answer(200, _encode(_about(response) | {"rows": _rows(response.outputs)}))


def _about(response: InferResponse) -> dict[str, Any]:
    return {"model": response.model, "version": response.version, "id": response.id}


def _rows(outputs: Outputs) -> list[_Row]:
    names = list(outputs)
    try:
        values = [per_row(array) for array in outputs.values()]
    except TensorError as error:
        raise refused("P310", str(error), "the answer", "ask in the Open Inference Protocol, in binary") from None
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


class _Events:
    def part(self, outputs: Outputs) -> bytes:
        return event(b"part", _encode({"rows": _rows(outputs)}))

    def end(self, response: InferResponse) -> bytes:
        return event(b"end", _encode(_about(response)))

    def error(self, answer: Answer) -> bytes:
        return event(b"error", answer.body)


ROW_EVENTS: Final = _Events()


def write_events(response: InferResponse) -> Answer:
    """The answer of a model that does not yield, to a caller who asks for events: one part and the end."""
    return Answer(200, ROW_EVENTS.part(response.outputs) + ROW_EVENTS.end(response), EVENTS)


def per_row(array: Array) -> list[Any]:
    """One JSON value a row: a plain one, or a list as deep as the output's other axes."""
    return nest(encode_json(array), array.shape)

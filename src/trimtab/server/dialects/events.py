"""Server-sent events (the `text/event-stream` of the HTML standard): who asks for them, and their bytes."""

from __future__ import annotations

from typing import Final

from trimtab.server.dialects.coding import quality

__all__ = ["EVENTS", "asks_for_events", "event"]

EVENTS: Final = b"text/event-stream"
_JSON: Final = b"application/json"
_RANGES: Final = 20  # of an `accept` that are looked at


def event(name: bytes, data: bytes) -> bytes:
    """One event; ValueError for data of more than one line, which would be another event."""
    if b"\n" in data or b"\r" in data:
        raise ValueError("a line end in the data of an event")
    return b"event: %b\ndata: %b\n\n" % (name, data)


def asks_for_events(accept: bytes) -> bool:
    """Whether events are named in an `accept` header, and JSON is not preferred to them."""
    wanted = {EVENTS: 0.0, _JSON: 0.0}
    for part in accept.lower().split(b",")[:_RANGES]:
        name, _, parameter = (piece.strip() for piece in part.partition(b";"))
        if name in wanted:
            wanted[name] = quality(parameter)
    return wanted[EVENTS] > 0.0 and wanted[EVENTS] >= wanted[_JSON]

"""Streams of records in segments: the `Journal` of whoever has something to say that is no interaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from trimtab.journal.folder import Folder
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Writer

__all__ = ["SegmentJournal", "record_frame", "record_in"]


def record_frame(stream: str, record: Mapping[str, Any]) -> Frame:
    """A JSON-ready record of a stream, as it is written."""
    return Frame(Kind.RECORD, msgspec.json.encode({"stream": stream, "record": record}))


def record_in(payload: bytes) -> tuple[str, dict[str, Any]]:
    """Stream and record of a `RECORD` frame."""
    found = msgspec.json.decode(payload)
    return found["stream"], found["record"]


class SegmentJournal:
    """A `Journal` (see `core/records.py`) whose records of the last hours lie in segments; any thread may append.

    Each process has a writer of its own. What is sealed is not found here.
    """

    def __init__(self, folder: Folder, writer: Writer, lock: threading.Lock | None = None) -> None:
        """lock: is held while the writer works, for a writer that others use too."""
        self._folder = folder
        self._writer = writer
        self._lock = lock or threading.Lock()

    def append(self, stream: str, record: Mapping[str, Any]) -> None:
        """See `Journal`; it survives the end of the process when this returns."""
        frame = record_frame(stream, record)
        with self._lock:
            self._writer.write([frame])

    def sync(self, stream: str) -> None:  # noqa: ARG002 - all streams are in one file
        """What was appended survives a power cut from now on. OSError where it does not."""
        with self._lock:
            self._writer.sync()

    def scan(self, stream: str) -> Iterator[Mapping[str, Any]]:
        """See `Journal`; of several processes, segment by segment."""
        with segments(self._folder) as found:
            for segment in found:
                for frame in segment.frames():
                    if frame.kind == Kind.RECORD:
                        name, record = record_in(frame.payload)
                        if name == stream:
                            yield record

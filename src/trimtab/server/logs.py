"""The server's log: one line of JSON an event, which nothing in a request can break or forge."""

from __future__ import annotations

import io
import json
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final, TypeAlias

__all__ = ["Log", "Printed", "describe", "heads_of", "line", "to_stderr"]

Log: TypeAlias = Callable[[str, dict[str, Any]], None]
_HEADS: Final = (
    b"user-agent", b"content-type", b"content-length", b"content-encoding", b"accept", b"accept-encoding",
    b"traceparent", b"x-request-id", b"x-request-timeout-ms",
)  # fmt: skip
_HEAD: Final = 256  # characters of one that are logged
_PRINTED: Final = 8192  # characters without an end of line that are kept until there is one


def line(event: str, fields: dict[str, Any], time: str) -> str:
    """The event as one line of ASCII: control characters and everything beyond ASCII are escaped."""
    return json.dumps({"time": time, "event": event, **fields}, default=repr).replace("\x7f", "\\u007f")


def to_stderr(event: str, fields: dict[str, Any]) -> None:
    """Write the event to standard error; a closed one loses the line, never the request."""
    text = line(event, fields, datetime.now(UTC).isoformat(timespec="milliseconds"))
    stream = sys.stderr.beneath if isinstance(sys.stderr, Printed) else sys.stderr
    try:
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        return


class Printed(io.TextIOBase):
    """A standard stream of which every line becomes an event: what libraries and user code print is no line itself."""

    def __init__(self, beneath: IO[str]) -> None:
        """beneath: where events are written."""
        self.beneath = beneath
        self._held = ""
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Keep it until its line ends; lines that come together are one event."""
        with self._lock:
            whole, end, rest = (self._held + text).rpartition("\n")
            if not end and len(rest) > _PRINTED:
                whole, rest = rest, ""
            self._held = rest
        if whole.strip():
            to_stderr("printed", {"level": "info", "text": whole})
        return len(text)

    def fileno(self) -> int:
        """Of what is beneath."""
        return self.beneath.fileno()


def heads_of(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """Those headers that may be logged: a closed list, since credentials travel in headers of any name."""
    return {name.decode(): headers[name][:_HEAD].decode("latin-1") for name in _HEADS if name in headers}


def describe(error: BaseException) -> dict[str, Any]:
    """What a log line says of an error, with its whole traceback."""
    return {
        "error": "".join(traceback.format_exception_only(error)).strip(),
        "traceback": "".join(traceback.format_exception(error)),
    }

"""The server's log: one line of JSON an event, which nothing in a request can break or forge."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

__all__ = ["Log", "describe", "line", "to_stderr"]

Log: TypeAlias = Callable[[str, dict[str, Any]], None]


def line(event: str, fields: dict[str, Any], time: str) -> str:
    """The event as one line of ASCII: control characters and everything beyond ASCII are escaped."""
    return json.dumps({"time": time, "event": event, **fields}, default=repr).replace("\x7f", "\\u007f")


def to_stderr(event: str, fields: dict[str, Any]) -> None:
    """Write the event to standard error; a closed one loses the line, never the request."""
    text = line(event, fields, datetime.now(UTC).isoformat(timespec="milliseconds"))
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def describe(error: BaseException) -> dict[str, Any]:
    """What a log line says of an error, with its whole traceback."""
    return {
        "error": "".join(traceback.format_exception_only(error)).strip(),
        "traceback": "".join(traceback.format_exception(error)),
    }

"""What is written down and never changed, and where to: the seam that the audit uses and the journal fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

__all__ = ["Journal"]


class Journal(Protocol):
    """Streams of records, append-only; any thread and any process may append."""

    def append(self, stream: str, record: Mapping[str, Any]) -> None:
        """Add a JSON-ready record to a stream. OSError where it cannot be kept."""

    def scan(self, stream: str) -> Iterator[Mapping[str, Any]]:
        """The records of a stream in the order in which they were added."""

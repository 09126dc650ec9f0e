"""Callers of the control plane that begin a request and do not go on: uvicorn waits for them as long as they like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Tardy"]


class Tardy:
    """Looked at now and then; the time of a head, and that of a body, is for the whole of it."""

    def __init__(self, limit_s: float) -> None:
        """limit_s: for what is waited for from a caller."""
        self._limit_s = limit_s
        self._since: dict[Any, tuple[object, bool, float]] = {}  # by connection: its request, whether begun, since when

    def of(self, connections: Iterable[Any], now: float) -> list[Any]:
        """Those connections of uvicorn whose callers' time is up."""
        seen = {}
        for one in connections:
            request = one.cycle  # the last one, None before the first; a new one for each head
            ended = request is None or request.response_complete
            if ended or request.more_body:
                noted = self._since.get(one)
                same = noted is not None and noted[0] is request and noted[1] is ended
                seen[one] = noted if noted is not None and same else (request, ended, now)
        self._since = seen
        return [one for one, (_, _, since) in seen.items() if now - since >= self._limit_s]

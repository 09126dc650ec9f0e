"""Who fails to authenticate again and again is made to wait, each for himself.

What is told here is for answers to calls that failed. Good credentials are never asked to wait: a neighbour behind the
same address can lock nobody out.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["Backoff"]

_FREE: Final = 10  # failures in a minute that cost nothing: a key that was just rotated, a typing error
_MINUTE_S: Final = 60.0
_LONGEST_S: Final = 60.0
_STEPS: Final = 7  # 1, 2, 4, 8, 16, 32, 60 seconds
_CLIENTS: Final = 10_000


class _Record(NamedTuple):
    """since, failures: of the minute that began then; step: of the waits; last: when it failed."""

    since: float
    failures: int
    step: int
    last: float


class Backoff:
    """How long each client has to wait, in this process; the ones that failed longest ago are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, clients: int = _CLIENTS) -> None:
        """clients: how many are remembered."""
        self._clock = clock
        self._clients = clients
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._lock = threading.Lock()

    def failed(self, client: str) -> float:
        """One more call of the client did not authenticate; the seconds that it has to wait, 0 for the first ones.

        Each minute without a failure takes one doubling back.
        """
        now = self._clock()
        with self._lock:
            record = self._records.get(client) or _Record(now, 0, 0, now)
            since, failures = record.since, record.failures
            if now - since >= _MINUTE_S:
                since, failures = now, 0
            failures += 1
            step = max(0, record.step - int((now - record.last) / _MINUTE_S))
            wait_s = 0.0
            if step or failures > _FREE:
                step = min(step + 1, _STEPS)
                wait_s = min(2.0 ** (step - 1), _LONGEST_S)
            self._records[client] = _Record(since, failures, step, now)
            self._records.move_to_end(client)
            if len(self._records) > self._clients:
                self._records.popitem(last=False)
        return wait_s

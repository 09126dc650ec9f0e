"""Counters of one bucket, and how they are counted with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trimtab.server.guard.shares.counters import Counters

DAY_S = 86_400
HOUR_S = 3_600


@pytest.fixture
def make(times: Any, said: Any) -> Callable[..., Counters]:
    """Counters of one bucket: make(), make(path)."""
    return lambda path=None, buckets=1: Counters(path, said, times.clock, times.monotonic, buckets)


def taken(counters: Any, spot: Any, limit: int, tries: int) -> int:
    """How many of so many pass."""
    return sum(counters.take(spot, limit) for _ in range(tries))

"""What can be set of a pool of workers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PoolSettings"]


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """count: workers; memory: bytes of a worker beyond which it is replaced, 0 for no limit."""

    count: int = 1
    memory: int = 0

"""Every knob of the server as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.server.connection import Limits

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server listens and what it puts up with; limits in bytes, times in seconds.

    insecure: allow an address that other machines reach. A request runs on the event loop when the model's measured
    cost of one row is below `inline_cost_s` and it has at most `inline_rows` rows and `inline_bytes` of body.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    insecure: bool = False
    head_limit: int = 32 * 2**10
    body_limit: int = 64 * 2**20
    chunk_limit: int = 65_536
    rows_limit: int = 100_000
    queue_limit: int = 1024
    header_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    answer_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    idle_timeout_s: float = 75.0
    drain_timeout_s: float = 20.0
    inline_cost_s: float = 0.001
    inline_rows: int = 32
    inline_bytes: int = 64 * 2**10

    @property
    def limits(self) -> Limits:
        """What one connection may send."""
        return Limits(self.head_limit, self.body_limit, self.chunk_limit)

"""Every knob of the server as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trimtab.server.batching.batcher import BatchLimits
from trimtab.server.connection import Limits
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.journal.settings import JournalSettings

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server listens and what it puts up with; limits in bytes, times in seconds.

    insecure: allow an address that other machines reach. tls: certificate chain and key, as PEM files.
    processes: serving processes on the port; workers: processes of each for a model that runs user Python (0: its own
    threads). 0 processes, or None workers, are chosen by the processors that this container may use.
    engine: where models run; `auto`: native code in the serving processes, user Python in workers.
    batch_rows: most rows that are joined into one call (1: none are); batch_goal_s: the longest that such a call should
    take; wait_s: the longest expected wait in the queue before requests are refused.
    on_loop_s: native code that is expected to take longer runs in a thread.
    drain_delay_s: how long a stopping server that says so still takes requests; drain_timeout_s: how long what was
    taken may take then. heartbeat_timeout_s: silence after which a serving process counts as hung. memory: bytes of a
    serving process or worker, beyond which it is replaced (0: no limit).
    admin_host, admin_port: of the control plane; no port for none.
    access_log: whether every request is a line of the log. guard: who may call, and how much. journal: what is kept of
    interactions; None for nothing.
    grpc_port: None for no gRPC; `grpc_threads` calls of it wait at once in each process. compress_above: answers of
    fewer bytes stay as they are.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    insecure: bool = False
    tls: tuple[Path, Path] | None = None
    engine: Literal["auto", "inline", "workers"] = "auto"
    processes: int = 0
    workers: int | None = None
    head_limit: int = 32 * 2**10
    body_limit: int = 64 * 2**20
    chunk_limit: int = 65_536
    rows_limit: int = 100_000
    queue_limit: int = 1024
    batch_rows: int = 1024
    batch_goal_s: float = 0.05
    wait_s: float = 2.0
    on_loop_s: float = 0.004
    header_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    answer_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    idle_timeout_s: float = 75.0
    drain_delay_s: float = 0.0
    drain_timeout_s: float = 20.0
    heartbeat_timeout_s: float = 10.0
    memory: int = 0
    grpc_port: int | None = None
    admin_port: int | None = None
    grpc_threads: int = 16
    compress_above: int = 1024
    admin_host: str = "127.0.0.1"
    access_log: bool = False
    guard: GuardSettings = field(default_factory=GuardSettings)
    journal: JournalSettings | None = None

    @property
    def limits(self) -> Limits:
        """What one connection may send."""
        return Limits(self.head_limit, self.body_limit, self.chunk_limit)

    def patience_s(self, asked_s: float | None) -> float:
        """How long a request may take whose caller waits so long; None where he does not say."""
        return self.answer_timeout_s if asked_s is None else min(self.answer_timeout_s, asked_s)

    @property
    def batch_limits(self) -> BatchLimits:
        """How requests are joined, and how many may wait."""
        return BatchLimits(
            self.batch_rows, self.batch_goal_s, self.queue_limit, self.wait_s, patience_s=self.answer_timeout_s
        )

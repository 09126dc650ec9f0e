"""How many processors this container may use, and how they are shared out among processes and native thread pools."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

__all__ = ["POOLS", "Shares", "cores", "set_pools", "shares", "threads_each"]

# what OpenMP (LightGBM, XGBoost, scikit-learn), the BLAS libraries and numexpr ask when they are loaded; our ONNX and
# torch flavours ask the first one too
POOLS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
_GROUPS: Final = Path("/sys/fs/cgroup")
_V2: Final = "cpu.max"
_V1: Final = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


def cores(groups: Path = _GROUPS) -> int:
    """Processors that may be used at once: those that the process may run on, or less by the cgroup's quota; >= 1.

    groups: where the system shows its control groups, of either version.
    """
    allowed = len(os.sched_getaffinity(0))
    quota = _quota(groups)
    return max(1, allowed if quota is None else min(allowed, ceil(quota)))


def _quota(groups: Path) -> float | None:
    """Processors by the quota; None without one, which is said as `max` or as a negative number."""
    v2 = groups / _V2
    try:
        quota, period = v2.read_text().split() if v2.exists() else ((groups / name).read_text().strip() for name in _V1)
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None


@dataclass(frozen=True, slots=True)
class Shares:
    """Serving processes, workers of each for one model, threads of one native pool in each of these."""

    processes: int
    workers: int
    threads: int


def shares(processes: int, workers: int | None, *, inline: bool, available: int | None = None) -> Shares:
    """How the processors are shared out; 0 processes and None workers are left to us.

    inline: every model is native code in the serving processes.

    Then a processor gets a serving process. Models in user Python are fed by one serving process, which is cheap, and
    have one worker a processor: one queue, so that no worker is idle while requests wait for another.
    """
    count = cores() if available is None else available
    processes = processes or (count if inline else 1)
    if workers is None:
        workers = 0 if inline else max(1, count // processes)
    return Shares(processes, workers, max(1, count // max(processes * max(workers, 1), 1)))


def threads_each(processes: int, workers: int | None, available: int | None = None) -> int:
    """Threads of a native pool in any of our processes, before it is known what is served: the fewer of both cases."""
    return min(shares(processes, workers, inline=inline, available=available).threads for inline in (True, False))


def set_pools(threads: int, environ: MutableMapping[str, str]) -> None:
    """Say to libraries that are loaded from now on how many threads to use; what the user has set stays."""
    for name in POOLS:
        if not environ.get(name):
            environ[name] = str(threads)

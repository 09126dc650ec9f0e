"""What a measurement was made on: two numbers of two machines are not one number."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["machine"]


def machine() -> dict[str, object]:
    """Processors, memory in bytes, load of the last minute, system and Python; without a name or an address."""
    return {
        "processor": _line("/proc/cpuinfo", "model name"),
        "processors": len(os.sched_getaffinity(0)),
        "memory": int((_line("/proc/meminfo", "MemTotal").split() or ["0"])[0]) * 1024,
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _line(file: str, key: str) -> str:
    """What stands behind the key; empty where there is no such line."""
    try:
        lines = Path(file).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")

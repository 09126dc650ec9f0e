"""What a limit, a gate or a monitor comes to; no data is never success."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["Verdict"]

# FAIL: a limit is broken, proved; PASS: it is kept, proved; UNKNOWN: neither yet; WARN: a FAIL that only warns
Verdict: TypeAlias = Literal["PASS", "WARN", "FAIL", "UNKNOWN"]

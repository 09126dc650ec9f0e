"""A model in user Python that does what its rows say: `do` is 0 for an ordinary row, else one of the numbers below."""

import os
import signal
import time
from typing import Any

RAISE, CRASH, EXIT, HANG, LEAK, BUSY_MS = 1001, 1002, 1003, 1004, 1005, 2000
KEPT: list[bytes] = []


def predict(rows: Any) -> dict[str, Any]:
    """Twice x; BUSY_MS + n computes for n milliseconds a row."""
    for what in rows["do"].tolist():
        if what >= BUSY_MS:
            until = time.thread_time() + (what - BUSY_MS) / 1000
            while time.thread_time() < until:
                pass
        elif what >= RAISE:
            misbehave(int(what))
    return {"y": rows["x"] * 2}


def misbehave(what: int) -> None:
    """What a model must not do."""
    if what == RAISE:
        raise ValueError("a fault in the model")
    if what == CRASH:
        os.kill(os.getpid(), signal.SIGKILL)
    if what == EXIT:
        raise SystemExit(3)
    if what == HANG:
        time.sleep(1000)
    if what == LEAK:
        KEPT.append(b"x" * 50_000_000)

"""The service-time curve of a bundle: seconds of a call by its rows, measured in a process of its own.

Run as a program, `python -m trimtab.ops.tune.curve REFERENCE STORE`, it prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from trimtab.bundle.predictor import Predictor
from trimtab.bundle.store import Store
from trimtab.core.errors import OutsideError, Problem, RefusedError
from trimtab.core.table import Table
from trimtab.ops.tune.subject import Subject
from trimtab.server.loading import load_checked
from trimtab.server.threads import POOLS

__all__ = ["SIZES", "Curve", "curve_of", "measure", "pooled"]

SIZES: Final = (1, 4, 16, 64, 256, 1024)
_BOX_S: Final = 0.2  # for each size
_MOST_CALLS: Final = 25
_PATIENCE_S: Final = 120.0
_WORTH: Final = 0.85  # of the time with one thread: more of them pay where a call takes less than this


class Curve(msgspec.Struct, frozen=True):
    """points: median seconds of a call by its rows. alone: why rows may not share a call, else empty."""

    points: dict[int, float]
    alone: str = ""
    unfit: str = ""


def curve_of(subject: Subject, threads: int | None = None) -> Curve:
    """The curve with so many native threads (None: as the environment says).

    Raises RefusedError (P803) for a bundle that does not answer its golden rows here, OutsideError (P805) when the
    process that should measure fails.
    """
    environ = dict(os.environ)
    if threads is not None:
        environ |= dict.fromkeys(POOLS, str(threads))
    command = [sys.executable, "-P", "-m", "trimtab.ops.tune.curve", subject.reference, str(subject.store)]
    try:
        ran = subprocess.run(
            command, capture_output=True, env=environ, check=False, timeout=_PATIENCE_S, stdin=subprocess.DEVNULL
        )
        curve = msgspec.json.decode((ran.stdout.splitlines() or [b""])[-1], type=Curve)
    except subprocess.TimeoutExpired:
        raise OutsideError(
            Problem("P805", f"measuring calls took more than {_PATIENCE_S:.0f} s", subject.reference)
        ) from None
    except msgspec.DecodeError:
        last = (ran.stderr.decode(errors="replace").splitlines() or ["it said nothing"])[-1]
        what = f"calls of `{subject.bundle.name}` cannot be measured: {last}"
        raise OutsideError(Problem("P805", what, subject.reference, "`trimtab check` shows more")) from None
    if curve.unfit:
        hint = "`trimtab check` replays the golden rows"
        raise RefusedError(Problem("P803", f"`{subject.bundle.name}` is not fit to serve: {curve.unfit}", "", hint))
    return curve


def pooled(one: Curve, many: Curve) -> bool:
    """Whether more native threads make any call clearly faster."""
    return any(many.points[size] < _WORTH * one.points[size] for size in one.points.keys() & many.points.keys())


def measure(predictor: Predictor, rows: Table, clock: Callable[[], float] = time.perf_counter) -> dict[int, float]:
    """Median seconds of a call for each size, until one takes longer than its share of the time."""
    points: dict[int, float] = {}
    for size in SIZES:
        table = rows.rows(np.arange(size) % rows.height)
        took: list[float] = []
        until = clock() + _BOX_S
        while len(took) < _MOST_CALLS and (not took or clock() < until):
            begin = clock()
            predictor(table)
            took.append(clock() - begin)
        points[size] = float(np.median(took[1:] or took))
        if points[size] > _BOX_S:
            break
    return points


def main(reference: str, store: str) -> None:
    """Load the bundle, see whether it is right, measure it."""
    bundle = Store(Path(store)).resolve(reference)
    golden = bundle.golden()
    loaded = load_checked(lambda: bundle.load(alone=True), golden)
    points = {} if loaded.unfit or golden is None else measure(loaded.predictor, golden.inputs)
    told = {"points": points, "alone": loaded.alone, "unfit": loaded.unfit}
    print(json.dumps(told))  # noqa: T201  # to its parent


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

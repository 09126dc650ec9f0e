"""The process that the candidate runs in: a table comes in, answers go out, and what no answer was found for.

It has no network, an empty folder to work in, and nothing of the user's environment, as when the bundle was proved:
what is replayed happened once, and must not happen again. Rows that user code fails at are found here, by halves.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.bundle.proof.network import NoNetworkError, Wire
from trimtab.bundle.read import open_bundle
from trimtab.core.dtypes import Array
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table
from trimtab.server.workers.channel import Channel, ChannelEnds
from trimtab.server.workers.codec import pack_arrays, unpack_table

__all__ = ["ANSWER", "ASK", "BEAT", "FAILED", "READY", "apart", "main", "packed"]

ASK: Final = b"a"  # to the child: a table
READY: Final = b"y"  # from it, once: seconds to load
FAILED: Final = b"f"  # from it, in place of that: why it cannot load
BEAT: Final = b"."  # from it, from time to time: it has come back from user code
ANSWER: Final = b"r"  # from it: see `packed`
_BEAT_S: Final = 0.2
_TOLD: Final = 300  # characters of what user code says


def main(fds: list[int], folder: str) -> None:
    """Load the bundle and answer until the line goes dead. fds: of the channel."""
    channel = ChannelEnds.from_fds(fds).open()
    code = (Path(folder) / "code").resolve()
    began = time.perf_counter()
    try:
        bundle = open_bundle(Path(folder))
        Wire(str(code)).cut()
        predictor = bundle.load(alone=True)
    except BaseException as error:  # noqa: BLE001  # user code may raise anything, even SystemExit
        channel.send(FAILED, [msgspec.json.encode(_told(error, code))])
        return
    channel.send(READY, [msgspec.json.encode(time.perf_counter() - began)])
    beating = _Beating(channel, predictor)
    while (message := channel.receive()) is not None:
        channel.send(ANSWER, packed(*apart(beating, unpack_table(message[1]), lambda error: _told(error, code))))


class _Beating:
    """The predictor; whoever waits is told that it is alive, after a call and not too often."""

    def __init__(self, channel: Channel, predictor: Predictor) -> None:
        self._channel, self._predictor = channel, predictor
        self._last = time.monotonic()

    def __call__(self, table: Table) -> Outputs:
        try:
            return self._predictor(table)
        finally:
            now = time.monotonic()
            if now - self._last > _BEAT_S:
                self._last = now
                self._channel.send(BEAT)


def apart(
    predictor: Predictor, table: Table, told: Callable[[BaseException], tuple[str, str]]
) -> tuple[list[tuple[Array, Outputs]], dict[int, tuple[str, str]], list[tuple[int, float]]]:
    """Answers in parts with their places, what is told of rows without an answer, rows and seconds of each call."""
    parts: list[tuple[Array, Outputs]] = []
    failed: dict[int, tuple[str, str]] = {}
    calls: list[tuple[int, float]] = []
    ranges = [(0, table.height)]
    while ranges:  # the leftmost range is on top, so that rows stay in order
        start, end = ranges.pop()
        rows = table if end - start == table.height else table.rows(slice(start, end))
        began = time.perf_counter()
        try:
            outputs = predictor(rows)
        except BaseException as error:  # noqa: BLE001  # as above
            if end - start > 1:
                middle = (start + end) // 2
                ranges += [(middle, end), (start, middle)]
            else:
                failed[start] = told(error)
            continue
        calls.append((end - start, time.perf_counter() - began))
        parts.append((np.arange(start, end), outputs))
    return parts, failed, calls


def packed(
    parts: list[tuple[Array, Outputs]], failed: dict[int, tuple[str, str]], calls: list[tuple[int, float]]
) -> list[Any]:
    """An answer as pieces of a block: `good`, `bad`, `kind`, `said`, `rows`, `seconds`, and `y...` of each output."""
    empty = np.arange(0)
    arrays: dict[str, Array] = {
        "good": np.concatenate([empty, *(places for places, _ in parts)]),
        "bad": np.array(list(failed), np.int64),
        "kind": np.array([kind for kind, _ in failed.values()], object),
        "said": np.array([said for _, said in failed.values()], object),
        "rows": np.array([rows for rows, _ in calls], np.int64),
        "seconds": np.array([seconds for _, seconds in calls], np.float64),
    }
    for name in parts[0][1] if parts else ():
        arrays[f"y{name}"] = np.concatenate([np.asarray(outputs[name]) for _, outputs in parts])
    return pack_arrays(arrays, len(arrays["good"]))


def _told(error: BaseException, code: Path) -> tuple[str, str]:
    """What sort of failure it is, with the line of the bundle's code, and what it says itself."""
    said = str(error).strip().partition("\n")[0][:_TOLD]
    if isinstance(error, TrimtabError):
        problem = error.problems[0]
        if error.__cause__ is None:
            return problem.code, problem.what[:_TOLD]
        error = error.__cause__
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(code):
            place = f" at {file.relative_to(code).as_posix()}:{frame.lineno} in {frame.name}"
    name = "no network" if isinstance(error, NoNetworkError) else type(error).__name__
    return f"{name}{place}", said


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:4]], sys.argv[4])

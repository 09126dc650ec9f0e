"""Asks a bundle in its own process, and lives on when that hangs or dies: the row at fault is found by halves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.bundle.read import Bundle
from trimtab.core.closing import Closing
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, RefusedError
from trimtab.core.table import Table
from trimtab.ops.replay.process import EndedError, Process
from trimtab.server.workers.codec import unpack_arrays

__all__ = ["Failure", "Played", "Player", "played"]

_AGAIN_S: Final = 2.0  # at least, once it is known how long calls take
_TIMES: Final = 20  # as long as the longest call may one take that is made again
_MOST_ENDS: Final = 40  # of its process; about three rows at fault are found with so many


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row has no answer. kind: what such rows have in common; said: of this one."""

    kind: str
    said: str = ""


@dataclass(slots=True, eq=False)
class Played:
    """Answers for some rows of a table, in parts, with their places; the others, and why; rows and seconds of calls."""

    parts: list[tuple[Array, Outputs]] = field(default_factory=list)
    failed: dict[int, Failure] = field(default_factory=dict)
    calls: list[tuple[int, float]] = field(default_factory=list)


class Player(Closing):
    """One bundle; `with` ends its process, which is started when the first table comes, and after its end."""

    def __init__(self, bundle: Bundle, call_s: float, who: str = "candidate") -> None:
        """call_s: a call that has not come back after so long never will. who: what it is called in messages."""
        self._bundle, self._call_s, self._who = bundle, call_s, who
        self._process: Process | None = None
        self._known: Table | None = None  # a row that it has answered
        self._longest_s = 0.0
        self._ends = 0

    def close(self) -> None:
        """Nothing of it is left running."""
        if self._process is not None:
            self._process.end()

    def play(self, table: Table) -> Played:
        """Every row of the table gets an answer or a reason. RefusedError (P974) for what cannot be asked at all."""
        whole = Played()
        ranges = [(0, table.height)] if table.height else []
        while ranges:
            start, end = ranges.pop()
            part = table if end - start == table.height else table.rows(slice(start, end))
            try:
                answer = self._ask(part)
            except EndedError as ended:
                self._is_over(ended)
                if end - start > 1:
                    middle = (start + end) // 2
                    ranges += [(middle, end), (start, middle)]
                else:
                    whole.failed[start] = Failure(ended.how, ended.said)
                continue
            whole.parts += [(places + start, outputs) for places, outputs in answer.parts]
            whole.failed |= {place + start: failure for place, failure in answer.failed.items()}
            whole.calls += answer.calls
            if answer.parts:
                place = int(answer.parts[0][0][0])
                self._known = part.rows(slice(place, place + 1))
        return whole

    def _ask(self, table: Table) -> Played:
        if self._process is None:
            self._process = Process(self._bundle, self._who)
            first = table.rows(slice(0, 1)) if self._known is None else self._known
            # reads what is read once, and may take its time; what it takes is not what a call costs
            self._process.ask(first, self._call_s)
        began = time.monotonic()
        block = self._process.ask(table, self._patience_s)
        self._longest_s = max(self._longest_s, time.monotonic() - began)
        try:
            return played(block, table.height)
        except (ValueError, KeyError, TypeError) as error:
            raise EndedError("crashed", f"it spoke nonsense: {error}") from None

    @property
    def _patience_s(self) -> float:
        """The first time that it hangs costs the whole patience; later calls are judged by how long others took."""
        if self._ends and self._longest_s:
            return min(self._call_s, max(_AGAIN_S, _TIMES * self._longest_s))
        return self._call_s

    def _is_over(self, ended: EndedError) -> None:
        hint = "`trimtab check` shows more"
        if self._process is not None:
            hint = self._process.last_words()
            self._process.end()
            self._process = None
        self._ends += 1
        if self._ends >= _MOST_ENDS:
            what = f"the {self._who} had to be started {self._ends} times, the last one {ended}"
            raise RefusedError(Problem("P974", what, f"{self._bundle.name}@{self._bundle.digest}", hint))


def played(block: bytes, height: int) -> Played:
    """What the block of an answer says; ValueError where it does not speak of each of the rows once."""
    _, arrays = unpack_arrays(block)
    good, bad = (np.asarray(arrays[name]) for name in ("good", "bad"))
    if not np.array_equal(np.sort(np.concatenate([good, bad])), np.arange(height)):
        raise ValueError("not one answer a row")
    outputs = {name[1:]: values for name, values in arrays.items() if name.startswith("y")}
    if any(len(values) != len(good) for values in outputs.values()):
        raise ValueError("outputs of another length")
    told = zip(*(arrays[name].tolist() for name in ("bad", "kind", "said")), strict=True)
    failed = {place: Failure(kind, said) for place, kind, said in told}
    calls = list(zip(arrays["rows"].tolist(), arrays["seconds"].tolist(), strict=True))
    return Played([(good, outputs)] if len(good) else [], failed, calls)

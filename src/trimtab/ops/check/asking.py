"""A bundle in a clean process, asked by a function; the rows that it has no answer for are named."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.bundle.read import Bundle
from trimtab.core.closing import Closing
from trimtab.core.table import Table
from trimtab.ops.replay.process import EndedError, Process
from trimtab.server.workers.codec import unpack_arrays

__all__ = ["Asking", "NoAnswerError", "answers_of"]

_CALL_S: Final = 60.0


class NoAnswerError(Exception):
    """Rows without an answer. row: the first of them; kind: of its failure, without anything that the row says."""

    def __init__(self, row: int, count: int, kind: str, said: str = "") -> None:
        """count: how many; said: of the first."""
        what = f"{kind}: {said}" if said else kind
        super().__init__(f"row {row}: {what}" + (f", and {count - 1} more" if count > 1 else ""))
        self.row, self.count, self.kind, self.said = row, count, kind, what


class Asking(Closing):
    """One bundle; its process is started when it is first asked, and anew when it ended."""

    def __init__(self, bundle: Bundle, call_s: float = _CALL_S) -> None:
        """call_s: a call that takes longer never comes back."""
        self._bundle, self._call_s = bundle, call_s
        self._process: Process | None = None

    def __call__(self, table: Table) -> Outputs:
        """Answers for every row, none too; NoAnswerError for rows without one, RefusedError if it cannot be loaded."""
        if self._process is None:
            self._process = Process(self._bundle, "bundle")
        try:
            return answers_of(self._process.ask(table, self._call_s))
        except EndedError as ended:
            self.close()
            raise NoAnswerError(0, table.height, str(ended)) from None

    def close(self) -> None:
        """Nothing of it is left running."""
        if self._process is not None:
            self._process.end()
            self._process = None


def answers_of(block: bytes) -> Outputs:
    """What the block of an answer says; NoAnswerError where it speaks of rows that failed."""
    _, arrays = unpack_arrays(block)
    bad = np.asarray(arrays["bad"])
    if len(bad):
        first = int(np.argmin(bad))
        kind, said = (str(arrays[name].tolist()[first]) for name in ("kind", "said"))
        raise NoAnswerError(int(bad[first]), len(bad), kind, said)
    return {name[1:]: np.array(values) for name, values in arrays.items() if name.startswith("y")}

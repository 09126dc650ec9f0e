"""One admitted request on its way through the queue and the engine; it lives on the loop's thread."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import ClassVar, TypeAlias

from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table
from trimtab.server.engines import Word

__all__ = ["Call", "Settled", "StreamCall"]

Settled: TypeAlias = Callable[[Outputs | TrimtabError], None]


class Call:
    """Rows that wait for their answers, until `deadline` on the loop's clock; settled once, then its rows are gone."""

    alone: ClassVar[bool] = False  # it is never joined with others
    __slots__ = ("_settled", "again", "deadline", "height", "id", "since", "table")

    def __init__(self, table: Table, deadline: float, settled: Settled, request_id: str = "") -> None:
        """Settled: told the outputs or why there are none, exactly once."""
        self.table: Table | None = table
        self.height = table.height
        self.deadline = deadline
        self.id = request_id
        self.since = 0.0  # when it came into the queue
        self.again = False  # it was in a batch that failed
        self._settled: Settled | None = settled

    @property
    def waits(self) -> bool:
        """Whether somebody still wants the answer; a call that nobody wants never runs."""
        return self._settled is not None

    def settle(self, result: Outputs | TrimtabError) -> None:
        """Hand over the answer; the first one counts."""
        settled = self._settled
        if settled is not None:
            self._settled = self.table = None
            settled(result)


class StreamCall(Call):
    """One that is answered part by part: its deadline is that of the next part; settled after the last one.

    `hear` is told each part; then nothing comes until `go_on`.
    """

    alone: ClassVar[bool] = True
    __slots__ = ("_clock", "_word", "hear", "patience_s")

    def __init__(self, table: Table, patience_s: float, settled: Settled, clock: Callable[[], float]) -> None:
        """patience_s: for each part. clock: the loop's."""
        super().__init__(table, clock() + patience_s, settled)
        self.hear: Callable[[StreamCall, Outputs], None] = lambda call, _outputs: call.go_on()
        self.patience_s = patience_s
        self._clock = clock
        self._word: Callable[[Word], None] | None = None

    def part(self, outputs: Outputs, word: Callable[[Word], None]) -> None:
        """The engine has one; whoever has left is told no more."""
        if not self.waits:
            word(Word.STOP)
            return
        self.again = True  # what was told cannot be tried once more
        self.deadline = inf
        self._word = word
        self.hear(self, outputs)

    def go_on(self) -> None:
        """The part was taken: the next one is waited for."""
        word, self._word = self._word, None
        if word is not None:
            self.deadline = self._clock() + self.patience_s
            word(Word.GO_ON)

    def settle(self, result: Outputs | TrimtabError) -> None:
        """The end, or there shall be none of the parts that are left."""
        word, self._word = self._word, None
        super().settle(result)
        if word is not None:
            word(Word.STOP)

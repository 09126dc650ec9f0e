"""One admitted request on its way through the queue and the engine; it lives on the loop's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table

__all__ = ["Call", "Settled"]

Settled: TypeAlias = Callable[[Outputs | TrimtabError], None]


class Call:
    """Rows that wait for their answers, until `deadline` on the loop's clock; settled once, then its rows are gone."""

    __slots__ = ("_settled", "again", "deadline", "height", "id", "table")

    def __init__(self, table: Table, deadline: float, settled: Settled, request_id: str = "") -> None:
        """Settled: told the outputs or why there are none, exactly once."""
        self.table: Table | None = table
        self.height = table.height
        self.deadline = deadline
        self.id = request_id
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

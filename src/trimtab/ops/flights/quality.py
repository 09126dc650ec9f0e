"""Quality and rewards of both arms, as truth and feedback tell of them by now, read beside the director."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.errors import TrimtabError
from trimtab.core.flights import Moments
from trimtab.core.traffic import ARMS, Arm
from trimtab.journal.query.duck import name_of
from trimtab.journal.query.filter import SEEN
from trimtab.ops.flights.standing import Standing

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal

__all__ = ["ACCURACY", "FEEDBACK", "Quality", "measured"]

ACCURACY: Final = "accuracy"  # share of rows whose one output is the truth
FEEDBACK: Final = "feedback"  # mean score; every other name is that of a truth, whose values are the reward
EVERY_S: Final = 20.0  # between two looks, each of which reads the journal
Found = Mapping[Arm, Mapping[str, Moments]]
_COUNTED: Final = frozenset({"errors", "disagreement", "shift", "p50", "p95", "p99", "p999"})  # by whoever serves

_NUMBERS: Final = frozenset({"float", "double", "halffloat", "int8", "int16", "int32", "int64"})


@dataclass
class Quality:
    """Reads in a thread of its own, so that no journal is too large for a director that looks twice a second.

    place: folder of the journal. clock: monotonic. tell: is told once why nothing can be read.
    """

    place: Path
    policy: Any = "last"
    clock: Callable[[], float] = time.monotonic
    tell: Callable[[str], None] = lambda _: None
    _found: Found = field(default_factory=dict)
    _thread: threading.Thread | None = None
    _at: float = float("-inf")
    _told: bool = False

    def __call__(self, standing: Standing) -> Found:
        """What was found when it was last looked; nothing where no limit is about it."""
        names = [limit.measure for limit in standing.begun.plan.limits if limit.measure not in _COUNTED]
        idle = self._thread is None or not self._thread.is_alive()
        if names and idle and self.clock() - self._at >= EVERY_S:
            self._at = self.clock()
            self._thread = threading.Thread(target=self._look, args=(standing, names), daemon=True)
            self._thread.start()
        return self._found

    def settle(self) -> None:
        """Waits for the look that is under way."""
        if self._thread is not None:
            self._thread.join()

    def _look(self, standing: Standing, names: list[str]) -> None:
        from trimtab.journal.query.session import open_journal

        try:
            since = datetime.fromtimestamp(standing.began, UTC)
            with open_journal(
                self.place, since=since, endpoint=standing.begun.endpoint, truth=self.policy, memory="256MiB"
            ) as journal:
                self._found = measured(journal, names, standing.began)
        except (TrimtabError, ImportError) as error:
            if not self._told:
                self._told = True
                self.tell(str(error).splitlines()[0])


def measured(journal: OpenJournal, names: list[str], began: float) -> Found:
    """What is known of each measure in each arm, since then; what the journal has nothing of is not there."""
    columns = journal.columns("joined")
    values = {name: value for name in names if (value := _value(name, columns))}
    found: dict[Arm, dict[str, Moments]] = {arm: {} for arm in ARMS}
    for name, value in values.items():
        rows = journal.sql(
            f"SELECT arm, count(v), sum(v), sum(v * v), min(v), max(v) FROM "  # noqa: S608 - columns are quoted
            f"(SELECT arm, CAST({value} AS DOUBLE) AS v FROM joined WHERE {SEEN} AND epoch(time) >= {began:f}) "
            "WHERE arm IN ('champion', 'challenger') AND v IS NOT NULL GROUP BY arm"
        ).fetchall()
        for arm, count, *moments in rows:
            found[arm][name] = Moments(count, *moments)
    return found


def _value(name: str, columns: Mapping[str, Any]) -> str:
    """The SQL of a measure, empty where the journal does not have it."""
    if name == FEEDBACK:
        return "feedback_score"
    if name == ACCURACY:
        outputs = [column for column in columns if column.startswith("out_")]
        if "truth" not in columns or len(outputs) != 1:
            return ""
        answer, kinds = name_of(outputs[0]), (str(columns[outputs[0]]), str(columns["truth"]))
        if kinds[0] in _NUMBERS and kinds[1] == "bool":
            return f"({answer} >= 0.5) = truth"
        if _NUMBERS.issuperset(kinds):
            return f"{answer} = truth"
        return f"CAST({answer} AS VARCHAR) = CAST(truth AS VARCHAR)"
    column = f"truth_{name}"
    return name_of(column) if column in columns and str(columns[column]) != "string" else ""

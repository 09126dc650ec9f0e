"""Which interactions are asked for, in the words of SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from trimtab.core.interactions import SHADOW
from trimtab.journal.query.duck import text_of
from trimtab.journal.query.sources import EVER, Period
from trimtab.journal.query.where import Condition

__all__ = ["FAILED", "ORDER", "SEEN", "Filter", "is_status"]

ORDER: Final = ("time", "id", "row")  # in which no two rows are equal
_STATUS: Final = re.compile(r"[1-5](xx|\d\d)")
# of who asks what was answered to callers: a shadow's rows are a second copy of what the champion was asked
SEEN: Final = f"coalesce(dialect, '') <> '{SHADOW}'"
FAILED: Final = "(coalesce(status, 0) >= 400 OR coalesce(error, '') <> '')"


@dataclass(frozen=True, slots=True)
class Filter:
    """Each part that is said narrows it down; all of them must hold.

    revision: the beginning of a digest, with or without `sha256:`. id: given by the server or by the caller.
    status: `404`, `5xx`. errors: only what was not answered. where: a condition that was examined.
    """

    period: Period = EVER
    endpoint: str = ""
    revision: str = ""
    arm: str | None = None
    principal: str | None = None
    id: str = ""
    status: str = ""
    errors: bool = False
    where: Condition | None = None

    def sql(self) -> str:
        """What may stand behind WHERE."""
        found = [*self._times(), *self._words()]
        if self.status:
            found.append(f"CAST(status AS VARCHAR) LIKE {text_of(self.status.replace('x', '_'))}")
        if self.errors:
            found.append(FAILED)
        if self.where is not None:
            found.append(self.where.sql)
        return " AND ".join(found) or "true"

    def _times(self) -> list[str]:
        sides = ((">=", self.period.since), ("<", self.period.until))
        return [f"time {sign} {time_in_sql(time)}" for sign, time in sides if time is not None]

    def _words(self) -> list[str]:
        found = [f"endpoint = {text_of(self.endpoint)}"] if self.endpoint else []
        if self.revision:
            digits = text_of(self.revision.removeprefix("sha256:"))
            found.append(f"starts_with(regexp_replace(revision, '^sha256:', ''), {digits})")
        for column, word in (("arm", self.arm), ("principal", self.principal)):
            if word is not None:
                found.append(f"{column} = {text_of(word)}")
        if self.id:
            found.append(f"{text_of(self.id)} IN (id, request_id)")
        return found


def is_status(text: str) -> bool:
    """Whether it is a status of HTTP, or the first digit of one as `5xx`."""
    return _STATUS.fullmatch(text) is not None


def time_in_sql(time: float) -> str:
    """A time in seconds since 1970 as SQL has it."""
    return f"TIMESTAMPTZ '{datetime.fromtimestamp(time, UTC).isoformat(sep=' ')}'"


def ordered(direction: str = "ASC", columns: Sequence[str] = ORDER) -> str:
    """What may stand behind ORDER BY."""
    return ", ".join(f"{column} {direction}" for column in columns)

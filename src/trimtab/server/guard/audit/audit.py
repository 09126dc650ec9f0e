"""The audit: what was done to this server, and which calls it refused; never the reason why a request fails.

Refused calls are written one by one as long as they are few. The rest of a minute is folded into one record with a
count, so that a flood cannot fill the disk and no call goes uncounted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any, Final, Protocol, runtime_checkable

from trimtab.core.records import Journal
from trimtab.server.logs import Log, to_stderr

__all__ = ["EVERYBODY", "STREAM", "Audit", "Durable", "LogJournal"]

STREAM: Final = "audit"
EVERYBODY: Final = "*"  # the client in a record that counts what there was no room to count apart
_LONGEST: Final = 256  # characters of a text
_MINUTE_S: Final = 60.0
_SINGLE: Final = 10  # records in a minute of one client and one reason
_SINGLES: Final = 300  # of all clients together: many addresses must not do what one cannot
_FOLDED: Final = 300  # clients and reasons that are counted apart


@runtime_checkable
class Durable(Protocol):
    """A journal that can make sure of what it has."""

    def sync(self, stream: str) -> None:
        """What was appended survives a power cut from now on. OSError where it does not."""


class LogJournal:
    """A `Journal` in the server's log, for hosts on which nothing may be written; it cannot be read back."""

    def __init__(self, log: Log) -> None:
        """Where it goes."""
        self._log = log

    def append(self, stream: str, record: Mapping[str, Any]) -> None:
        """See `Journal`."""
        self._log(stream, {"level": "info", "record": dict(record)})

    def scan(self, stream: str) -> Iterator[Mapping[str, Any]]:  # noqa: ARG002 - as `Journal` has it
        """Nothing: whoever collects the log has the records."""
        return iter(())


class Audit:
    """Writes the audit; any thread may call. `lost` counts what could not be written."""

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        log: Log = to_stderr,
    ) -> None:
        """log: where it is said, at most once a minute, that the journal does not write."""
        self.lost = 0
        self._journal = journal
        self._clock = clock
        self._monotonic = monotonic
        self._log = log
        self._lock = threading.Lock()
        self._said = -inf
        self._began, self._since = monotonic(), clock()
        self._singles = 0
        self._counts: dict[tuple[str, str], int] = {}  # of those written one by one in this minute
        self._folded: dict[tuple[str, str], int] = {}

    def control(self, who: str, what: str, endpoint: str, client: str, outcome: str, **more: object) -> None:
        """Somebody has done something to the server: the record is on the disk when this returns."""
        record = {**more, "who": who, "what": what, "endpoint": endpoint, "client": client, "outcome": outcome}
        self._write("control", record, 1, sync=True)

    def refused(self, who: str, what: str, client: str, reason: str) -> None:
        """A call was refused. who: as far as it is known; reason: of a closed set."""
        client, reason = client[:_LONGEST], reason[:_LONGEST]
        self.turn()
        with self._lock:
            single = self._is_single((client, reason))
        if single:
            self._write("refused", {"who": who, "what": what, "client": client, "reason": reason}, 1)

    def turn(self) -> None:
        """Write what was folded, if its minute is over; to be called now and then."""
        if self._monotonic() - self._began >= _MINUTE_S:
            self.flush()

    def flush(self) -> None:
        """Write what was folded and begin a minute: at the end of the process."""
        with self._lock:
            folded, since = self._folded, _iso(self._since)
            self._singles, self._counts, self._folded = 0, {}, {}
            self._began, self._since = self._monotonic(), self._clock()
        for (client, reason), count in folded.items():
            self._write("refused", {"client": client, "reason": reason, "count": count, "since": since}, count)

    def _is_single(self, key: tuple[str, str]) -> bool:
        """Whether the call gets a record of its own; if not, it is counted."""
        count = self._counts.get(key, 0)
        if count < _SINGLE and self._singles < _SINGLES:
            self._counts[key] = count + 1
            self._singles += 1
            return True
        if key not in self._folded and len(self._folded) >= _FOLDED:
            key = (EVERYBODY, key[1])
        self._folded[key] = self._folded.get(key, 0) + 1
        return False

    def _write(self, kind: str, record: Mapping[str, object], calls: int, *, sync: bool = False) -> None:
        fields = {name[:_LONGEST]: _short(value) for name, value in record.items()}
        try:
            self._journal.append(STREAM, {**fields, "time": _iso(self._clock()), "kind": kind})
            if sync and isinstance(self._journal, Durable):
                self._journal.sync(STREAM)
        except OSError as error:
            self._failed(error, calls)

    def _failed(self, error: OSError, calls: int) -> None:
        with self._lock:
            self.lost += calls
            now = self._monotonic()
            say = now - self._said >= _MINUTE_S
            if say:
                self._said = now
        if say:
            why = f"{type(error).__name__}: {error.strerror or error}"
            self._log("audit not written", {"level": "error", "why": why, "lost": self.lost})


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _short(value: object) -> object:
    """What a record may hold: a number, or a text that is not long."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and abs(value) < inf:
        return value
    return (value if isinstance(value, str) else repr(value))[:_LONGEST]

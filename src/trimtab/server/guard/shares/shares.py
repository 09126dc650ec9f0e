"""How much a principal may take: requests and rows by rates and quotas, and requests that are answered at once.

Everything of one request is decided under the lock of its caller's bucket, so that nothing is counted of what is
refused, and no two processes let the last one pass together.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

from trimtab.core.errors import Problem, UserError
from trimtab.server.guard.settings import GuardSettings, Share
from trimtab.server.guard.shares.counters import BUCKETS, Counters, since_boot
from trimtab.server.guard.shares.crowd import Crowd, Seat
from trimtab.server.guard.shares.rates import check_rates, parse_rates, require_limits
from trimtab.server.guard.shares.storage import Rated, Strategy
from trimtab.server.logs import Log

__all__ = ["Over", "Shares", "share_of"]

_KNOWN: Final = 10_000  # principals whose share is remembered
_BUSY_RETRY_S: Final = 1.0
_UNLIMITED: Final = Share()


@dataclass(frozen=True, slots=True)
class Over:
    """What was too much, by which limit as it is written, and after how many seconds it would pass; infinite: never."""

    what: Literal["requests", "rows", "concurrent"]
    limit: str
    retry_s: float


def share_of(settings: GuardSettings, principal: str) -> Share:
    """What the principal may take: by its very name, else by the first pattern that it matches, else as the others."""
    exact = settings.shares.get(principal)
    if exact is not None:
        return exact
    matching = (share for pattern, share in settings.shares.items() if fnmatchcase(principal, pattern))
    return next(matching, settings.share)


class Shares:
    """What each principal has taken. Made before the fork, used after `attach`; any thread may call."""

    def __init__(
        self,
        settings: GuardSettings,
        processes: int,
        log: Log,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        """UserError P341 for limits that cannot be read, P307 without their package; OutsideError P346."""
        _check(settings)
        self._settings = settings
        self._known: OrderedDict[str, _Taker | None] = OrderedDict()
        self._learning = threading.Lock()
        self._table: _Table | None = None
        every = [settings.share, *settings.shares.values()]
        if any(share != _UNLIMITED for share in every):
            rated = any(share.requests or share.rows for share in every)
            counters = Counters(settings.quotas if rated else None, log, clock, monotonic)
            strategy = Strategy(counters) if rated else None
            self._table = _Table(counters, Crowd(BUCKETS, processes, log), strategy)

    def attach(self, process: int) -> None:
        """This process, of that number, counts from now on; what one before it was answering is forgotten."""
        if self._table is not None:
            self._table.counters.attach()
            self._table.crowd.attach(process)

    def begin(self, principal: str) -> Over | None:
        """One request more. What it is over, if it is refused: then nothing was counted."""
        try:
            taker = self._known[principal]
        except KeyError:
            taker = self._learn(principal)
        return None if taker is None else taker.begin()

    def rows(self, principal: str, rows: int) -> Over | None:
        """So many rows more, before they are computed. What they are over: then none was counted."""
        try:
            taker = self._known[principal]
        except KeyError:
            taker = self._learn(principal)
        return None if taker is None else taker.rows(rows)

    def end(self, principal: str) -> None:
        """The answer to one request that was not refused has left."""
        try:
            taker = self._known[principal]
        except KeyError:
            taker = self._learn(principal)
        if taker is not None:
            taker.end()

    def _learn(self, principal: str) -> _Taker | None:
        share = share_of(self._settings, principal)
        table = self._table
        taker = None if table is None or share == _UNLIMITED else _Taker(table, principal, share)
        with self._learning:
            if len(self._known) >= _KNOWN:
                self._known.popitem(last=False)
            self._known[principal] = taker
        return taker


@dataclass(frozen=True, slots=True)
class _Table:
    counters: Counters
    crowd: Crowd
    strategy: Strategy | None


class _Taker:
    """One principal's limits, ready to be counted against."""

    __slots__ = ("_bucket", "_concurrent", "_requests", "_rows", "_seat", "_table")

    def __init__(self, table: _Table, principal: str, share: Share) -> None:
        # a name may hold anything: its digest is what the storage takes for a name
        who = hashlib.blake2b(principal.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self._table = table
        self._bucket = table.counters.bucket(who)
        self._seat = Seat(self._bucket, bytes.fromhex(who))
        self._concurrent = share.concurrent
        strategy = table.strategy
        self._requests, self._rows = (
            () if strategy is None else tuple(strategy.rated(who, what, rate) for rate in parse_rates(text))
            for what, text in (("requests", share.requests), ("rows", share.rows))
        )

    def begin(self) -> Over | None:
        counters, crowd, limit = self._table.counters, self._table.crowd, self._concurrent
        if limit is None and not self._requests:
            return None
        counters.acquire(self._bucket)
        try:
            if limit is not None and not crowd.enter(self._seat, limit):
                return Over("concurrent", f"{limit} at once", _BUSY_RETRY_S)
            over = self._take("requests", self._requests, 1)
            if over is not None and limit is not None:
                crowd.leave(self._seat)
            return over
        finally:
            counters.release(self._bucket)

    def rows(self, rows: int) -> Over | None:
        if not self._rows or rows < 1:
            return None
        self._table.counters.acquire(self._bucket)
        try:
            return self._take("rows", self._rows, rows)
        finally:
            self._table.counters.release(self._bucket)

    def end(self) -> None:
        if self._concurrent is None:
            return
        self._table.counters.acquire(self._bucket)
        try:
            self._table.crowd.leave(self._seat)
        finally:
            self._table.counters.release(self._bucket)

    def _take(self, what: Literal["requests", "rows"], limits: tuple[Rated, ...], amount: int) -> Over | None:
        """All of the limits, or none; a process that is killed in between has counted too much, not too little."""
        strategy, counters = self._table.strategy, self._table.counters
        if strategy is None:
            return None
        hit = strategy.limiter.hit
        for at, limit in enumerate(limits):
            if not hit(limit.item, cost=amount):
                for taken in limits[:at]:
                    counters.give_back(taken.spot, amount)
                waits = [(counters.wait_s(one.spot, one.rate.amount, amount), one.rate.text) for one in limits]
                wait_s, text = max(waits)
                return Over(what, text, wait_s)
        return None


def _check(settings: GuardSettings) -> None:
    problems = [problem for name, share in _named(settings) for problem in _faults(name, share)]
    if problems:
        raise UserError(*problems)
    if any(share.requests or share.rows for _, share in _named(settings)):
        require_limits()


def _named(settings: GuardSettings) -> Iterator[tuple[str, Share]]:
    yield "share", settings.share
    for name, share in settings.shares.items():
        yield f"shares.{name}", share


def _faults(name: str, share: Share) -> Iterator[Problem]:
    hint = "rates are written as in `100/second; 1000000/day`"
    for key, text in (("requests", share.requests), ("rows", share.rows)):
        if fault := check_rates(text):
            yield Problem("P341", fault, f"{name}.{key}", hint)
    if share.concurrent is not None and share.concurrent < 1:
        yield Problem("P341", f"`{share.concurrent}` requests at once answer nobody", f"{name}.concurrent")

"""Counts of what was taken, by keys, in memory that processes share and that may be a file.

A count is a sliding one: what the window before has left of its time weighs in, so that no caller takes two windows'
worth around the turn of one. It costs what a fixed window costs, as both counts lie in one slot.

Places: a bucket is a page of 64 slots, and everything of one caller lies in one bucket, which a lock of the kernel
guards; the kernel lets it go when a process dies, however that one ends. What is written in between is written in such
an order that a process that is killed there leaves too high a count, never too low a one.

A slot whose windows are over is free. In a full bucket the slot goes that is over first, and of those that are over
together (all days end at once) the one that has used least of its limit: what many callers may drive out by being many
are short windows, and counts as low as their own.

Time is the wall clock at the start, and never before the latest time in the file; it then passes as time does, whatever
is done to the clock.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import floor, inf
from pathlib import Path
from typing import Final

from trimtab.server.guard.shares.quotafile import CLOCK, HEAD, SEED, open_file, open_memory, restore
from trimtab.server.logs import Log

__all__ = ["BUCKETS", "SLOTS", "Counters", "Spot", "since_boot"]

BUCKETS: Final = 4096  # 16 MiB: counts of tens of thousands of callers, of which only the pages in use take memory
SLOTS: Final = 64
_PAGE: Final = 4096
_KEY: Final = 16
_KEYS: Final = SLOTS * _KEY
_WORD: Final = 8
_SLOT_WORDS: Final = 6
_WINDOW, _LIMIT, _INDEX, _CURRENT, _PREVIOUS = range(5)  # words of a slot
_COUNTS: Final = struct.Struct("@3Q")
_FULL_EVERY_S: Final = 60.0
_BEHIND_S: Final = 60.0
_MARGIN_S: Final = 0.001  # more than a clock's own grain, so that who waits as told is not refused again


def since_boot() -> float:
    """Seconds since the machine started, those that it slept through among them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class Spot:
    """Where one count lies: its bucket, its key, its window, and the slot that it was last found in."""

    bucket: int
    key: bytes
    window_s: int
    slot: int = 0


class Counters:
    """The counts. Made before the fork, used after `attach`; whoever counts holds the lock of the spot's bucket."""

    def __init__(
        self,
        path: Path | None,
        log: Log,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = since_boot,
        buckets: int = BUCKETS,
    ) -> None:
        """path: of the file; None for counts that end with the server. OutsideError P346 where it cannot be kept."""
        self._size = HEAD + buckets * _PAGE
        self._buckets = buckets
        self._log = log
        self._monotonic = monotonic
        self._handle = open_memory(self._size) if path is None else open_file(path, self._size, log)
        self._map = mmap.mmap(self._handle, self._size)
        self._words = memoryview(self._map).cast("Q")
        self._latest = memoryview(self._map).cast("d")[CLOCK // _WORD : CLOCK // _WORD + 1]
        self._head = self._map[:CLOCK]
        self._lock = threading.Lock()
        self._full = -inf
        latest, now = self._latest[0], clock()
        if now < latest - _BEHIND_S:
            self._log("clock behind quotas", {"level": "warning", "seconds": round(latest - now)})
        self._ahead = max(now, latest) - monotonic()

    def attach(self) -> None:
        """This process counts from now on."""
        restore(self._handle, self._size, self._head, self._log)

    def now(self) -> float:
        """Seconds, as explained above."""
        return self._monotonic() + self._ahead

    def spot(self, who: str, what: str, window_s: int) -> Spot:
        """Where something of somebody is counted."""
        return Spot(self.bucket(who), self._hash(f"{len(who)}:{who}{what}/{window_s}"), window_s)

    def bucket(self, who: str) -> int:
        """The bucket of all that somebody takes."""
        return int.from_bytes(self._hash(who)[:4]) % self._buckets

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_KEY, key=self._head[SEED]).digest()

    def acquire(self, bucket: int) -> None:
        """No other thread and no other process changes what lies in the bucket until `release`."""
        self._lock.acquire()
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX, 1, bucket)
        except BaseException:
            self._lock.release()
            raise

    def release(self, bucket: int) -> None:
        """See `acquire`."""
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, bucket)
        finally:
            self._lock.release()

    def take(self, spot: Spot, limit: int, amount: int = 1) -> bool:
        """Count so many more if the limit lets them all pass; otherwise count nothing."""
        now = self._monotonic() + self._ahead
        word, stored, index, passed_s, current, previous = self._state(spot, now)
        weighed = current + previous * (spot.window_s - passed_s) / spot.window_s if previous else current
        if floor(weighed) + amount > limit:
            return False
        words = self._words
        if not word:
            self._insert(spot, limit, index, amount, now)
        else:
            if stored != index:
                # each of these alone raises what is counted; the last one below puts it right
                words[word + _PREVIOUS] = previous
                words[word + _INDEX] = index
                words[word + _LIMIT] = limit
            words[word + _CURRENT] = current + amount
        self._latest[0] = now
        return True

    def give_back(self, spot: Spot, amount: int = 1) -> None:
        """Uncount what was taken under the same lock."""
        if word := self._word(spot):
            self._words[word + _CURRENT] = max(0, self._words[word + _CURRENT] - amount)

    def wait_s(self, spot: Spot, limit: int, amount: int = 1) -> float:
        """Seconds until so many more would pass if nothing else is taken; infinite for more than the whole limit."""
        if amount > limit:
            return inf
        _, _, _, passed_s, current, previous = self._state(spot, self.now())
        left_s = spot.window_s - passed_s
        below = limit - amount + 1  # what is counted has to fall below that
        if current >= below:
            return left_s + max(0.0, spot.window_s - below * spot.window_s / current) + _MARGIN_S
        if current + previous * left_s / spot.window_s < below:
            return 0.0
        return left_s - (below - current) * spot.window_s / previous + _MARGIN_S

    def look(self, spot: Spot) -> tuple[int, int, float]:
        """What was counted in the window before and in this one, and the seconds that have passed of it."""
        _, _, _, passed_s, current, previous = self._state(spot, self.now())
        return previous, current, passed_s

    def forget(self, spot: Spot) -> None:
        """As if nothing had been taken."""
        if word := self._word(spot):
            self._words[word + _CURRENT] = self._words[word + _PREVIOUS] = 0

    def _state(self, spot: Spot, now: float) -> tuple[int, int, int, float, int, int]:
        """A count: its word (0: none yet), the window in there, the window that is, its age, its count and the last."""
        window_s = spot.window_s
        index = int(now // window_s)
        word = self._word(spot)
        if not word:
            return 0, index, index, now - index * window_s, 0, 0
        stored, current, previous = _COUNTS.unpack_from(self._map, (word + _INDEX) * _WORD)
        if stored == index:
            return word, stored, index, now - index * window_s, current, previous
        if stored > index:  # another server on the same file is ahead of us: what it counted still counts
            return word, stored, stored, 0.0, current, previous
        return word, stored, index, now - index * window_s, 0, current if stored == index - 1 else 0

    def _word(self, spot: Spot) -> int:
        """The first word of the slot that the count is in; 0 where it is in none."""
        page = HEAD + spot.bucket * _PAGE
        at = page + spot.slot * _KEY
        if self._map[at : at + _KEY] != spot.key:
            at = self._map.find(spot.key, page, page + _KEYS)
            while at >= 0 and at % _KEY:
                at = self._map.find(spot.key, at + 1, page + _KEYS)
            if at < 0:
                return 0
            spot.slot = (at - page) // _KEY
        return (page + _KEYS) // _WORD + spot.slot * _SLOT_WORDS

    def _insert(self, spot: Spot, limit: int, index: int, amount: int, now: float) -> None:
        page = HEAD + spot.bucket * _PAGE
        first = (page + _KEYS) // _WORD
        spot.slot = self._room(first, now)
        at, word = page + spot.slot * _KEY, first + spot.slot * _SLOT_WORDS
        self._map[at : at + _KEY] = bytes(_KEY)  # nobody's, until all is in it
        for field, value in ((_WINDOW, spot.window_s), (_LIMIT, limit), (_INDEX, index), (_CURRENT, amount)):
            self._words[word + field] = value
        self._words[word + _PREVIOUS] = 0
        self._map[at : at + _KEY] = spot.key

    def _room(self, first: int, now: float) -> int:
        """A slot that is free, or the one that goes."""
        words = self._words[first : first + SLOTS * _SLOT_WORDS].tolist()
        goes = (inf, inf, 0)
        for slot in range(SLOTS):
            window_s, limit, index, current, previous, _ = words[slot * _SLOT_WORDS : (slot + 1) * _SLOT_WORDS]
            over = (index + 2) * window_s
            if over <= now:
                return slot
            goes = min(goes, (over, (current + previous) / max(limit, 1), slot))
        if now - self._full > _FULL_EVERY_S:
            self._full = now
            self._log("quotas full", {"level": "warning", "why": "a count was dropped for that of another caller"})
        return goes[2]

"""What each arm has answered, and what became of mirrored requests: counters of one flight."""

from __future__ import annotations

from typing import Final

from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, bucket_of
from trimtab.core.traffic import Arm

__all__ = ["Tally"]

_FAILED: Final = 500
_BUCKETS: Final = len(LATENCY_S) + 1


class _One:
    __slots__ = ("errors", "latency", "requests", "slowest")

    def __init__(self) -> None:
        self.requests = self.errors = 0
        self.latency = [0] * _BUCKETS
        self.slowest = 0.0  # of what was answered

    def counts(self) -> ArmCounts:
        return ArmCounts(self.requests, self.errors, tuple(self.latency))


class Tally:
    """Everything on the loop's thread, but `counts`, which any thread may ask for."""

    def __init__(self) -> None:
        """A flight begins."""
        self._arms: dict[Arm, _One] = {"champion": _One(), "challenger": _One()}
        self.mirrored = self.dropped = self.failed = self.compared = self.disagreed = 0
        self._delay = [0] * _BUCKETS

    def answered(self, arm: Arm, status: int, seconds: float) -> None:
        """One request is over; seconds: from its head to the last byte of its answer. A status of 500 is an error."""
        one = self._arms[arm]
        one.requests += 1
        one.latency[bucket_of(seconds)] += 1
        if status >= _FAILED:
            one.errors += 1
        elif seconds > one.slowest:
            one.slowest = seconds

    def slowest(self, arm: Arm) -> float:
        """Seconds that the slowest answer of the arm took so far, errors aside."""
        return self._arms[arm].slowest

    def delayed(self, seconds: float) -> None:
        """A shadow has answered."""
        self._delay[bucket_of(seconds)] += 1

    def counts(self) -> Counts:
        """So far."""
        champion, challenger = self._arms["champion"].counts(), self._arms["challenger"].counts()
        return Counts(
            champion, challenger, self.mirrored, self.dropped, self.failed, self.compared, self.disagreed,
            tuple(self._delay),
        )  # fmt: skip

"""The service-time curve: how long a call with so many rows takes, and the batch size that follows from it."""

from __future__ import annotations

from math import inf
from typing import Final

__all__ = ["Curve"]

_WEIGHT: Final = 0.2  # of a new measurement; older ones fade
_OUTLIER: Final = 8.0  # one call in a busy machine must not be believed at once
_STEADY: Final = 64  # calls after which the best size is looked for again
_WORTH: Final = 0.9  # a larger batch must cost a row this much less than a smaller one, else it only waits longer


class Curve:
    """Seconds of a call by its rows: a fading mean for each power of two, straight lines between them."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._seconds: dict[int, float] = {}
        self._best: dict[tuple[float, int], int] = {}  # found before; forgotten from time to time
        self._between: dict[int, float] = {}
        self._notes = 0

    @property
    def points(self) -> dict[int, float]:
        """The means, by rows; a row count stands for those from it to below its double."""
        return dict(sorted(self._seconds.items()))

    def note(self, rows: int, seconds: float) -> None:
        """A call of so many rows took this long."""
        bucket = _bucket(rows)
        before = self._seconds.get(bucket)
        self._notes += 1
        if before is None or self._notes % _STEADY == 0:
            self._best.clear()
            self._between.clear()
        scaled = seconds * bucket / max(rows, 1) if rows > bucket and before is None else seconds
        if before is None:
            self._seconds[bucket] = scaled
        else:
            self._seconds[bucket] = before + _WEIGHT * (min(scaled, _OUTLIER * before) - before)

    def seconds(self, rows: int) -> float:
        """The expected seconds of a call; infinite while nothing is known."""
        found = self._seconds.get(rows)
        if found is None:
            found = self._between.get(rows)
        if found is None:
            found = self._between[rows] = self._line(rows)
        return found

    def _line(self, rows: int) -> float:
        known = self._seconds
        below = max((size for size in known if size <= rows), default=None)
        above = min((size for size in known if size > rows), default=None)
        if below is None:
            return inf if above is None else known[above]
        if above is None:
            return known[below] * max(rows / below, 1.0)
        share = (rows - below) / (above - below)
        return known[below] + share * (max(known[above], known[below]) - known[below])

    def row_seconds(self, goal_s: float, most: int) -> float:
        """What a row costs in a batch of the best size; 0 while nothing is known."""
        if not self._seconds:
            return 0.0
        best = self.best_rows(goal_s, most)
        return self.seconds(best) / best

    def best_rows(self, goal_s: float, most: int) -> int:
        """Rows of a batch: the fewest that make a row about as cheap as it gets, within `goal_s` a call; at least 1.

        While a larger size has never been tried it is tried when twice the largest known one is expected to fit.
        """
        found = self._best.get((goal_s, most))
        if found is None:
            found = self._best[goal_s, most] = self._find_best(goal_s, most)
        return found

    def _find_best(self, goal_s: float, most: int) -> int:
        known = self.points
        if not known:
            return most
        best, cost = 1, inf
        for size, seconds in known.items():
            if seconds <= goal_s and seconds / size < _WORTH * cost:
                best, cost = size, seconds / size
        largest = max(known)
        if best == largest and known[largest] * 2 <= goal_s:
            return min(best * 2, most)
        return min(max(best, 1), most)


def _bucket(rows: int) -> int:
    """The power of two at or below the rows."""
    return 1 << (max(rows, 1).bit_length() - 1)

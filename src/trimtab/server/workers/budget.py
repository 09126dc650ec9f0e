"""How many deaths are mended at once: a crash loop must not keep a processor busy with starting processes."""

from __future__ import annotations

from collections import deque

__all__ = ["Budget"]


class Budget:
    """At most `most` events within `window_s` seconds are within it."""

    def __init__(self, most: int, window_s: float) -> None:
        """Nothing has happened yet."""
        self._most = most
        self._window_s = window_s
        self._times: deque[float] = deque(maxlen=most + 1)

    def spend(self, now: float) -> bool:
        """One more event; whether it is within the budget."""
        self._times.append(now)
        return len(self._times) <= self._most or self._times[0] < now - self._window_s

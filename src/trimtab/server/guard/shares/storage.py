"""The package `limits` over our counters: its sliding window counter decides, ours is where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from trimtab.server.guard.shares.counters import Counters, Spot
from trimtab.server.guard.shares.rates import Rate

if TYPE_CHECKING:
    from limits import RateLimitItem

__all__ = ["Rated", "Strategy"]

_KNOWN: Final = 50_000  # keys whose place is remembered
_ONLY: Final = "only sliding windows are kept: a fixed one counts what it refuses, and lets two through at its turn"


@dataclass(frozen=True, slots=True)
class Rated:
    """One limit of one caller: what the package counts by, and where that lies."""

    item: RateLimitItem
    spot: Spot
    rate: Rate


class Strategy:
    """The package's `SlidingWindowCounterRateLimiter` over these counters, used under their lock."""

    def __init__(self, counters: Counters) -> None:
        """Needs the package: see `require_limits`."""
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._storage = _storage(counters)
        self.limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._item = _item()

    def rated(self, who: str, what: str, rate: Rate) -> Rated:
        """For `limiter.hit(rated.item, cost=...)`. who: without a `/`."""
        item = self._item(rate.amount)
        item.key, item.window_s = f"{who}/{what}/{rate.window_s}", rate.window_s
        return Rated(item, self._storage.spot(item.key, rate.window_s), rate)


def _item() -> Any:
    from limits import RateLimitItem

    class Item(RateLimitItem):
        """Has a key made once, and without the amount: a quota that is raised goes on from what was taken of it."""

        __slots__ = ("key", "window_s")
        key: str
        window_s: int

        def key_for(self, *_: bytes | str | float) -> str:
            return self.key

        def get_expiry(self) -> int:
            return self.window_s

    return Item


class _NoFixedWindows:
    """What the package asks of every storage, and ours refuses: no strategy of ours asks it."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(_ONLY)

    incr = get = get_expiry = clear = _refuse

    def reset(self) -> NoReturn:
        raise TypeError("counts of all callers are reset by removing the file")


def _storage(counters: Counters) -> Any:
    from limits.storage import Storage
    from limits.storage.base import SlidingWindowCounterSupport

    class Shared(_NoFixedWindows, Storage, SlidingWindowCounterSupport):
        """Any item's key will do: what stands before its first `/` says who, and so in which bucket it lies."""

        STORAGE_SCHEME = None

        def __init__(self) -> None:
            super().__init__()
            self._spots: dict[str, Spot] = {}

        @property
        def base_exceptions(self) -> type[Exception]:
            return OSError

        def spot(self, key: str, expiry: int) -> Spot:
            found = self._spots.get(key)
            if found is None:
                if len(self._spots) >= _KNOWN:
                    self._spots.clear()
                who, _, what = key.partition("/")
                found = self._spots[key] = counters.spot(who, what, expiry)
            return found

        def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
            return counters.take(self.spot(key, expiry), limit, amount)

        def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
            previous, current, passed_s = counters.look(self.spot(key, expiry))
            left_s = expiry - passed_s
            return previous, left_s if previous else 0.0, current, left_s + expiry

        def clear_sliding_window(self, key: str, expiry: int) -> None:
            counters.forget(self.spot(key, expiry))

        def check(self) -> bool:
            return True

    return Shared()

"""Counters against a model that keeps every single count: whatever is called, in whatever order, at whatever time."""

from __future__ import annotations

from collections import defaultdict
from math import floor, inf
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from trimtab.server.guard.shares.counters import Counters

WINDOWS = (1, 60, 3600, 86_400)
LIMIT = 12
callers = st.sampled_from([f"caller {n}" for n in range(6)])
windows = st.sampled_from(WINDOWS)


class Model:
    """Counts by caller and window, and by the number of the window."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def weighed(self, key: tuple[str, int], now: float) -> float:
        window_s = key[1]
        index = floor(now / window_s)
        counts = self.counts[key]
        return counts[index - 1] * ((index + 1) * window_s - now) / window_s + counts[index]

    def take(self, key: tuple[str, int], now: float, amount: int) -> bool:
        if floor(self.weighed(key, now)) + amount > LIMIT:
            return False
        self.counts[key][floor(now / key[1])] += amount
        return True


class Counting(RuleBasedStateMachine):
    """Times are whole 1024ths, so that both reckon exactly."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name, "quotas")
        self.wall = self.steady = self.real = 1_800_000_000.0
        self.model = Model()
        self.said: list[str] = []

    @initialize()
    def start(self) -> None:
        self.counters = Counters(
            self.path, lambda event, _: self.said.append(event), lambda: self.wall, lambda: self.steady, 1
        )

    @rule(who=callers, window_s=windows, amount=st.integers(1, LIMIT + 1))
    def take(self, who: str, window_s: int, amount: int) -> None:
        spot = self.counters.spot(who, "r", window_s)
        wait_s = self.counters.wait_s(spot, LIMIT, amount)
        passed = self.counters.take(spot, LIMIT, amount)
        assert passed == self.model.take((who, window_s), self.real, amount)
        assert passed == (wait_s == 0.0)
        assert (wait_s == inf) == (amount > LIMIT)
        assert wait_s == inf or wait_s <= 2 * window_s + 0.01

    @rule(who=callers, window_s=windows, amount=st.integers(1, 3))
    def take_and_give_back(self, who: str, window_s: int, amount: int) -> None:
        spot = self.counters.spot(who, "r", window_s)
        if self.counters.take(spot, LIMIT, amount):
            self.counters.give_back(spot, amount)

    @rule(windows=windows, part=st.integers(0, 3000))
    def pass_time(self, windows: int, part: int) -> None:
        seconds = windows * part / 1024
        self.wall += seconds
        self.steady += seconds
        self.real += seconds

    @rule(seconds=st.integers(-(10**6), 10**6))
    def set_the_clock(self, seconds: int) -> None:
        self.wall += seconds

    @precondition(lambda self: self.wall <= self.real)
    @rule()
    def restart(self) -> None:
        """The clock is behind, or right: what the file says last is what time it is."""
        self.counters.take(self.counters.spot("nobody", "r", 1), 10**9)  # so that the file knows the time
        self.steady = 7.0
        self.start()

    @rule()
    def set_the_clock_right(self) -> None:
        self.wall = self.real

    @invariant()
    def nothing_was_dropped(self) -> None:
        assert set(self.said) <= {"clock behind quotas"}

    def teardown(self) -> None:
        self.folder.cleanup()


Counting.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCounting = Counting.TestCase

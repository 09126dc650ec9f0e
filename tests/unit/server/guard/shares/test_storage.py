"""The package's own strategy over our counters does what it does over its own memory."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

import limits
from trimtab.server.guard.shares.counters import Counters
from trimtab.server.guard.shares.rates import parse_rates
from trimtab.server.guard.shares.storage import Strategy


def strategy_at(times):
    return Strategy(Counters(None, lambda _event, _fields: None, times.clock, times.monotonic, 1))


def test_hits_tests_and_statistics_of_the_package_work(times):
    strategy = strategy_at(times)
    (item,) = limits.parse_many("5/hour")
    limiter = strategy.limiter
    assert isinstance(limiter, SlidingWindowCounterRateLimiter)
    assert [limiter.hit(item, "a", cost=2) for _ in range(3)] == [True, True, False]
    assert limiter.test(item, "a")
    assert not limiter.test(item, "a", cost=2)
    assert limiter.get_window_stats(item, "a").remaining == 1
    assert limiter.get_window_stats(item, "b").remaining == 5
    limiter.clear(item, "a")
    assert limiter.get_window_stats(item, "a").remaining == 5
    times.passes(3600 * 1.5)
    assert strategy._storage.check()


def test_a_rate_made_ready_is_counted_whatever_its_amount_is(times):
    strategy = strategy_at(times)
    (small,), (large,) = parse_rates("3/day"), parse_rates("5/day")
    hit = strategy.limiter.hit
    first, second = strategy.rated("a", "rows", small), strategy.rated("a", "rows", large)
    assert [hit(first.item, cost=3), hit(first.item), hit(second.item, cost=2), hit(second.item)] == [1, 0, 1, 0]
    assert hit(strategy.rated("a", "requests", small).item)
    assert hit(strategy.rated("b", "rows", small).item)


def test_a_fixed_window_is_refused_in_words(times):
    strategy = strategy_at(times)
    (item,) = limits.parse_many("5/hour")
    fixed = FixedWindowRateLimiter(strategy._storage)
    for call in (fixed.hit, fixed.test, fixed.get_window_stats, fixed.clear):
        with pytest.raises(TypeError, match="only sliding windows"):
            call(item, "a")
    with pytest.raises(TypeError, match="only sliding windows"):
        strategy._storage.get_expiry("a")
    with pytest.raises(TypeError, match="removing the file"):
        strategy._storage.reset()


def test_a_call_of_the_last_window_counts_up_to_its_very_moment(times):
    (item,) = limits.parse_many("7/hour")
    hit = strategy_at(times).limiter.hit
    assert hit(item, "a", cost=6)
    times.passes(3600 + 600)  # a sixth of the window: five of the six count
    assert [hit(item, "a") for _ in range(3)] == [True, True, False]
    times.passes(0.001)
    assert [hit(item, "a") for _ in range(2)] == [True, False]


class Clock:
    """What the package's memory asks for the time; it has no other way to be told."""

    def __init__(self, times):
        self.time = times.clock


def their_rounding_decides(ours, item, who):
    """Inside of a window, at the very moment at which one call more of the last one no longer counts.

    The package then has, say, 2999.99999993 s of 3000 left, and a whole call less; ours are exact, as shown above.
    """
    window_s = item.get_expiry()
    previous, left_s, _, _ = ours.storage.get_sliding_window(item.key_for(who), window_s)
    weighed = previous * left_s / window_s
    return 0 < left_s < window_s and abs(weighed - round(weighed)) < 1e-6


steps = st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 6), st.sampled_from("ab")), max_size=60)


@example([(0, 6, "a"), (3584, 1, "a"), (0, 1, "a"), (0, 1, "a")], "7/hour")
@given(steps, st.sampled_from(["10/second", "10 per 2 minutes", "7/hour"]))
def test_the_same_calls_pass_as_over_the_memory_of_the_package(steps, text):
    from tests.unit.server.guard.conftest import Times

    times = Times()
    (item,) = limits.parse_many(text)
    ours = strategy_at(times).limiter
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("limits.storage.memory.time", Clock(times))
        theirs = SlidingWindowCounterRateLimiter(MemoryStorage())
        theirs.storage.timer.cancel()
        for thousandths, cost, who in steps:
            times.passes(thousandths / 1024 * item.get_expiry() / 3)
            if their_rounding_decides(ours, item, who):
                return  # from here on one has counted what the other has not
            assert ours.hit(item, who, cost=cost) == theirs.hit(item, who, cost=cost)
            theirs.storage.timer.cancel()

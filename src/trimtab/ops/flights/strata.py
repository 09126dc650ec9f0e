"""What was counted in a time: differences of counters that only grow."""

from __future__ import annotations

from collections.abc import Mapping

from trimtab.core.flights import ArmCounts, Counts, Moments

__all__ = ["difference"]


def difference(now: Counts, before: Counts) -> Counts:
    """What was counted since then. Least and greatest of values are those of the whole time, which is all there is."""
    return Counts(
        _arm(now.champion, before.champion),
        _arm(now.challenger, before.challenger),
        _less(now.mirrored, before.mirrored),
        _less(now.dropped, before.dropped),
        _less(now.failed, before.failed),
        _less(now.compared, before.compared),
        _less(now.disagreed, before.disagreed),
        _each(now.delay, before.delay),
    )


def _arm(now: ArmCounts, before: ArmCounts) -> ArmCounts:
    return ArmCounts(
        _less(now.requests, before.requests),
        _less(now.errors, before.errors),
        _each(now.latency, before.latency),
        _moments(now.values, before.values),
        _moments(now.measures, before.measures),
    )


def _less(now: int, before: int) -> int:
    return max(now - before, 0)


def _each(now: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([one - other if one > other else 0 for one, other in zip(now, before, strict=True)])


def _moments(now: Mapping[str, Moments], before: Mapping[str, Moments]) -> dict[str, Moments]:
    nothing = Moments()
    return {name: _since(one, before.get(name, nothing)) for name, one in now.items()}


def _since(now: Moments, before: Moments) -> Moments:
    count = _less(now.count, before.count)
    if not count:
        return Moments()
    squares = max(now.squares - before.squares, 0.0)
    return Moments(count, now.total - before.total, squares, now.least, now.greatest)

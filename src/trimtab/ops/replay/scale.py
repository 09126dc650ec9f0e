"""Steps of an axis that people can read: one, two or five times a power of ten."""

from __future__ import annotations

from math import ceil, floor, log10

__all__ = ["edges_of", "step_of"]

_ROOM = 1e-9  # a bound that a step hits but for rounding is hit


def step_of(span: float, most: int) -> float:
    """The least such step of which at most so many fit into the span, which is above zero."""
    power = 10.0 ** floor(log10(span / most))
    return next((times * power for times in (1, 2, 5) if times * power * most >= span * (1 - _ROOM)), 10 * power)


def edges_of(low: float, high: float, most: int) -> list[float]:
    """Whole steps from the low end to the high one, or a little further out."""
    step = step_of(high - low, most)
    first, last = floor(low / step + _ROOM), ceil(high / step - _ROOM)
    return [number * step for number in range(first, max(last, first + 1) + 1)]

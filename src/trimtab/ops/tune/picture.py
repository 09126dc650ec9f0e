"""Throughput against latency as a picture: an SVG file, and the same in characters for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Point", "front", "svg", "text_picture"]

_WIDE, _HIGH = 64, 12  # characters
_PAGE, _LEFT, _TOP, _RIGHT, _BOTTOM = (760, 440), 70, 40, 730, 380


@dataclass(frozen=True, slots=True)
class Point:
    """One setting under one load. seconds: of the goal's quantile; name: of the setting and the load."""

    seconds: float
    per_s: float
    name: str = ""
    best: bool = False


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other one beats in both: more requests a second, in less time; by their latency."""
    found: list[Point] = []
    for point in sorted(points, key=lambda one: (one.seconds, -one.per_s)):
        if not found or point.per_s > found[-1].per_s:
            found.append(point)
    return found


class _Axis:
    """A logarithmic axis from a little below the least value to a little above the greatest."""

    def __init__(self, values: Sequence[float]) -> None:
        self.low, self.high = math.log10(min(values)) - 0.03, math.log10(max(values)) + 0.03

    def share(self, value: float) -> float:
        return (math.log10(value) - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        every = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        return [value for value in every if 0 <= self.share(value) <= 1]


def text_picture(points: Sequence[Point], goal_s: float, quantile: str) -> str:
    """Lines of characters: `.` a setting under a load, `o` one that none beats, `@` the best, `|` the goal."""
    points = [point for point in points if point.seconds > 0 and point.per_s > 0]
    if not points:
        return ""
    x, y = _Axis([*(point.seconds for point in points), goal_s]), _Axis([point.per_s for point in points])
    cells = [[" "] * _WIDE for _ in range(_HIGH)]
    at_goal = round(x.share(goal_s) * (_WIDE - 1))
    for row in cells:
        row[at_goal] = "|"
    best = set(front(points))
    for point in sorted(points, key=lambda one: (one.best, one in best)):
        mark = "@" if point.best else "o" if point in best else "."
        cells[_HIGH - 1 - round(y.share(point.per_s) * (_HIGH - 1))][round(x.share(point.seconds) * (_WIDE - 1))] = mark
    names = {
        0: f"{max(point.per_s for point in points):.0f}/s",
        _HIGH - 1: f"{min(point.per_s for point in points):.0f}/s",
    }
    rows = [f"{names.get(at, ''):>9} |{''.join(row).rstrip()}" for at, row in enumerate(cells)]
    low, high = min(point.seconds for point in points), max(point.seconds for point in points)
    left, right = f"{low * 1e3:.3g} ms", f"{high * 1e3:.3g} ms {quantile}"
    return "\n".join([*rows, f"{'':9} +{'-' * _WIDE}", f"{'':11}{left}{right.rjust(_WIDE - len(left))}"])


def svg(points: Sequence[Point], goal_s: float, quantile: str, title: str) -> str:
    """The picture as a file that any browser shows; every point says its setting when it is pointed at."""
    points = [point for point in points if point.seconds > 0 and point.per_s > 0]
    x = _Axis([*(point.seconds for point in points), goal_s])
    y = _Axis([*(point.per_s for point in points), 1.0][: len(points) or 1])

    def across(value: float) -> float:
        return _LEFT + x.share(value) * (_RIGHT - _LEFT)

    def down(value: float) -> float:
        return _BOTTOM - y.share(value) * (_BOTTOM - _TOP)

    wide, high = _PAGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/><text x="{_LEFT}" y="22">{escape(title)}</text>',
    ]
    for value in x.ticks:
        lines.append(f'<path d="M{across(value):.1f} {_TOP}V{_BOTTOM}" stroke="#e4e4e4"/>')
        lines.append(f'<text x="{across(value):.1f}" y="{_BOTTOM + 18}" text-anchor="middle">{value * 1e3:g} ms</text>')
    for value in y.ticks:
        lines.append(f'<path d="M{_LEFT} {down(value):.1f}H{_RIGHT}" stroke="#e4e4e4"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{down(value) + 4:.1f}" text-anchor="end">{value:g}/s</text>')
    lines.append(f'<path d="M{across(goal_s):.1f} {_TOP}V{_BOTTOM}" stroke="#c33" stroke-dasharray="5 4"/>')
    steps = " ".join(f"{across(point.seconds):.1f},{down(point.per_s):.1f}" for point in front(points))
    lines.append(f'<polyline points="{steps}" fill="none" stroke="#357"/>')
    beaten_by_none = set(front(points))
    for point in sorted(points, key=lambda one: one.best):
        colour = "#c33" if point.best else "#357" if point in beaten_by_none else "#bbb"
        told = f"{point.name}: {point.per_s:.0f}/s, {quantile} {point.seconds * 1e3:.3g} ms"
        circle = f'<circle cx="{across(point.seconds):.1f}" cy="{down(point.per_s):.1f}" r="{6 if point.best else 4}"'
        lines.append(f'{circle} fill="{colour}"><title>{escape(told)}</title></circle>')
    middle = (_LEFT + _RIGHT) / 2
    lines.append(
        f'<text x="{middle}" y="{high - 14}" text-anchor="middle">{quantile} of the latency; dashed: the goal</text>'
    )
    return "\n".join([*lines, "</svg>"]) + "\n"

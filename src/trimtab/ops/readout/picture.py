"""Evidence over time as a small picture: in characters for a terminal, as SVG for a page."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from math import isfinite
from typing import Final

from trimtab.ops.readout.effects import Effect, Point
from trimtab.ops.replay.scale import edges_of
from trimtab.ops.simulate.words import span

__all__ = ["evidence", "sparkline"]

_MARKS: Final = "▁▂▃▄▅▆▇█"
_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 740, 190, 70, 720, 10, 150
_LINES: Final = 4
_MOST: Final = 30
_SPAN: Final = 4.0  # times the last interval: what was wider in the beginning goes beyond the picture


def sparkline(effect: Effect) -> str:
    """How wide the interval was over time, from unknown to what is known now; nothing for a single look."""
    widths = [point.high - point.low for point in effect.trace]
    known = [one for one in widths if isfinite(one)]
    if len(widths) <= 1 or not known or max(known) <= 0:
        return ""
    step = max(len(widths) / _MOST, 1.0)
    shown = [widths[int(at * step)] for at in range(int(len(widths) / step))]
    most = max(known)
    return "".join(_MARKS[-1] if not isfinite(one) else _MARKS[int(one / most * (len(_MARKS) - 1))] for one in shown)


def evidence(effect: Effect) -> str:
    """The effect with its interval, over the time of the flight; the line is no effect."""
    points = [point for point in effect.trace if isfinite(point.effect)]
    if not points:
        return ""
    none = 1.0 if effect.unit == "time" else 0.0
    low, high = _range(effect, none)
    last = points[-1].seconds or 1.0
    scale = 100.0 if effect.unit == "share" else 1.0
    edges = edges_of(scale * low, scale * high, _LINES)
    low, high = edges[0] / scale, edges[-1] / scale

    def across(seconds: float) -> float:
        return _LEFT + seconds / last * (_RIGHT - _LEFT)

    def down(value: float) -> float:
        inside = min(max(value, low), high)
        return _BOTTOM - (inside - low) / (high - low) * (_BOTTOM - _TOP)

    unit = {"share": " %", "time": "x", "number": ""}[effect.unit]
    label = escape(f"{effect.name} over {span(last)}")
    drawn = [f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">']
    for edge in edges:
        at = down(edge / scale)
        drawn.append(f'<path class="grid" d="M{_LEFT} {at:.1f}H{_RIGHT}"/>')
        drawn.append(f'<text class="tick end" x="{_LEFT - 8}" y="{at + 4:.1f}">{edge:.4g}{unit}</text>')
    drawn.append(f'<polygon class="band" points="{_band(points, across, down)}"/>')
    middle = " ".join(f"{across(one.seconds):.1f},{down(one.effect):.1f}" for one in points)
    drawn.append(f'<polyline class="course" points="{middle}"/>')
    drawn.append(f'<path class="axis" d="M{_LEFT} {down(none):.1f}H{_RIGHT}"/>')
    drawn += [
        f'<text class="tick middle" x="{across(at):.1f}" y="{_BOTTOM + 19}">{span(at)}</text>'
        for at in edges_of(0.0, last, 6) if at <= last * (1 + 1e-9)
    ]  # fmt: skip
    return "".join([*drawn, "</svg>"])


def _band(points: list[Point], across: Callable[[float], float], down: Callable[[float], float]) -> str:
    above = [f"{across(one.seconds):.1f},{down(one.high):.1f}" for one in points]
    below = [f"{across(one.seconds):.1f},{down(one.low):.1f}" for one in reversed(points)]
    return " ".join([*above, *below])


def _range(effect: Effect, none: float) -> tuple[float, float]:
    """What the picture shows: no effect, the last interval, and as much around it."""
    ends = [one for one in (effect.low, effect.high, effect.effect, none) if isfinite(one)]
    low, high = min(ends), max(ends)
    more = (high - low or 1.0) * (_SPAN - 1) / 6
    return (max(low - more, 0.0) if effect.unit == "time" else low - more), high + more

"""Pictures of a simulation as SVG that takes its colours from the page around it, without a style attribute."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from trimtab.ops.replay.scale import edges_of
from trimtab.ops.replay.words import percent
from trimtab.ops.simulate.report import OUTCOMES, Scene
from trimtab.ops.simulate.words import span

__all__ = ["course", "histogram"]

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 740, 254, 60, 710, 12, 208
_PLACES: Final = 120
_BARS: Final = 30
_TICKS: Final = 6


def course(scene: Scene) -> str:
    """What has become of the flights, over the time since they began: an area for each share, and for each end."""
    longest = max(flight.seconds for flight in scene.flights)
    times = np.linspace(0, longest, _PLACES)
    layers = _layers(scene, times)
    label = escape(f"What has become of {len(scene.flights):,} flights, over {span(longest)}")
    drawn = [f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">']
    below = np.zeros(_PLACES)
    for name, kind, height in layers:
        above = below + height
        if height.any():
            points = [*zip(times, above, strict=True), *reversed(list(zip(times, below, strict=True)))]
            path = " ".join(f"{_across(time, longest):.1f},{_down(share):.1f}" for time, share in points)
            told = f"{name}: {percent(float(height[-1]))} at the end" if kind in _ENDS.values() else name
            drawn.append(f'<polygon class="{kind}" points="{path}"><title>{escape(told)}</title></polygon>')
        below = above
    drawn += _axes([percent(share) for share in (0, 0.25, 0.5, 0.75, 1)], longest)
    return "".join([*drawn, "</svg>"])


_ENDS: Final = {"promoted": "good", "ended": "good", "held": "good", "given up": "open", "rolled back": "bad"}


def _layers(scene: Scene, times: np.ndarray) -> list[tuple[str, str, np.ndarray]]:
    """Name, class and height over time, from below to above: those still flown by their share, then the ends."""
    count = len(scene.flights)
    shares = sorted({share for flight in scene.flights for _, share in flight.steps})
    at = {share: np.zeros(len(times)) for share in shares}
    ends = {outcome: np.zeros(len(times)) for outcome in OUTCOMES}
    for flight in scene.flights:
        bounds = [*(begin for begin, _ in flight.steps), flight.seconds]
        for (begin, share), end in zip(flight.steps, bounds[1:], strict=True):
            at[share] += (times >= begin) & (times < end)
        ends[flight.outcome] += times >= flight.seconds
    flown = [
        (f"flown at {percent(share)}", f"step{min(number, 4)}", at[share] / count)
        for number, share in enumerate(shares)
    ]
    return [*flown, *((outcome, _ENDS[outcome], ends[outcome] / count) for outcome in OUTCOMES)]


def histogram(numbers: Sequence[float], caption: str) -> str:
    """How a number is spread over the flights: a bar for each range, with its share of them."""
    edges = edges_of(0.0, max(*numbers, 1.0), _BARS)
    counts, _ = np.histogram(numbers, edges)
    shares = counts / len(numbers)
    most, last = float(shares.max()), edges[-1]
    drawn = [f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(caption)}">']
    for start, end, share in zip(edges, edges[1:], shares, strict=False):
        if share:
            left, top = _across(start, last) + 0.5, _down(share / most)
            told = escape(f"{start:,.0f} to {end:,.0f}: {percent(float(share))} of flights")
            width = max(_across(end, last) - left - 0.5, 0.5)
            drawn.append(
                f'<rect class="one" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_BOTTOM - top:.1f}">'
                f"<title>{told}</title></rect>"
            )
    drawn += _axes(["0 %", "", percent(most / 2), "", percent(most)], last, caption)
    return "".join([*drawn, "</svg>"])


def _axes(names: Sequence[str], last: float, caption: str = "") -> list[str]:
    """Lines at equal heights with their names, and ticks of time, or of a number where a caption says of what."""
    drawn = []
    for number, name in enumerate(names):
        high = _down(number / (len(names) - 1))
        drawn.append(f'<path class="grid" d="M{_LEFT} {high:.1f}H{_RIGHT}"/>')
        drawn.append(f'<text class="tick end" x="{_LEFT - 8}" y="{high + 4:.1f}">{name}</text>')
    for value in edges_of(0.0, last, _TICKS):
        if value <= last * (1 + 1e-9):
            told = f"{value:,.6g}" if caption else span(value)
            drawn.append(f'<text class="tick middle" x="{_across(value, last):.1f}" y="{_BOTTOM + 19}">{told}</text>')
    middle = (_LEFT + _RIGHT) / 2
    drawn.append(f'<text class="tick middle" x="{middle}" y="{_HIGH - 4}">{escape(caption or "since it began")}</text>')
    return drawn


def _across(value: float, last: float) -> float:
    return _LEFT + value / last * (_RIGHT - _LEFT) if last else _LEFT


def _down(share: float) -> float:
    return float(_BOTTOM - share * (_BOTTOM - _TOP))

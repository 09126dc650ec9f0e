"""Pictures of a replay as SVG that takes its colours from the page around it, without a style attribute."""

from __future__ import annotations

from html import escape
from typing import Final

from trimtab.ops.replay.compare import Score
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.scale import edges_of
from trimtab.ops.replay.words import between, percent, signed

__all__ = ["bar", "histogram", "reach"]

_WIDE, _HIGH = 240, 18  # of a bar
_PAGE, _LEFT, _RIGHT, _TOP, _BOTTOM = (740, 254), 60, 710, 12, 208
_STEPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LINES, _TICKS = 5, 8


def reach(shares: list[Share]) -> float:
    """The share that a full bar stands for, such that all fit."""
    most = max((share.high for share in shares), default=1.0)
    return next((step for step in _STEPS if step >= most), 1.0)


def bar(share: Share, full: float, kind: str = "one") -> str:
    """A share as a bar with its interval on it; kind: the class of its colour."""
    ends = [round(_WIDE * min(value / full, 1), 1) for value in (share.value, share.low, share.high)]
    told = f"{percent(share.value)}, 95 % interval {between(share)}"
    middle = _HIGH / 2
    return (
        f'<svg class="bar" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>"
        f'<rect class="track" width="{_WIDE}" height="{_HIGH}" rx="3"/>'
        f'<rect class="{kind}" width="{max(ends[0], 1)}" height="{_HIGH}" rx="3"/>'
        f'<path class="whisker" d="M{ends[1]} {middle}H{ends[2]}M{ends[1]} 5V13M{ends[2]} 5V13"/></svg>'
    )


def histogram(score: Score) -> str:
    """By how much the numbers move that do: a bar for each range, with its share of all rows."""
    if not score.bars:
        return ""
    low, high = score.bars[0][0], score.bars[-1][1]
    lines = edges_of(0.0, max(share for _, _, share in score.bars), _LINES)

    def across(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT)

    def down(share: float) -> float:
        return _BOTTOM - share / lines[-1] * (_BOTTOM - _TOP)

    wide, tall = _PAGE
    label = escape(f"How far {score.output} moves where it does: from {low:.3g} to {high:.3g}")
    drawn = [f'<svg viewBox="0 0 {wide} {tall}" role="img" aria-label="{label}">']
    for share in lines:
        drawn.append(f'<path class="grid" d="M{_LEFT} {down(share):.1f}H{_RIGHT}"/>')
        drawn.append(f'<text class="tick end" x="{_LEFT - 8}" y="{down(share) + 4:.1f}">{percent(share)}</text>')
    for at, (start, end, share) in enumerate(score.bars):
        if share:
            beyond = " or beyond" if at in {0, len(score.bars) - 1} else ""
            told = f"{signed(start)} to {signed(end)}{beyond}: {percent(share)} of rows"
            place = f'x="{across(start) + 0.5:.1f}" y="{down(share):.1f}" width="{across(end) - across(start) - 1:.1f}"'
            size = f'height="{max(_BOTTOM - down(share), 0.5):.1f}"'
            kind = "less" if end <= 0 else "more"
            drawn.append(f'<rect class="{kind}" {place} {size}><title>{escape(told)}</title></rect>')
    drawn.append(f'<path class="axis" d="M{_LEFT} {_BOTTOM}H{_RIGHT}M{across(0):.1f} {_TOP}V{_BOTTOM + 5}"/>')
    drawn += [
        f'<text class="tick middle" x="{across(value):.1f}" y="{_BOTTOM + 19}">{signed(value)}</text>'
        for value in edges_of(low, high, _TICKS)
        if low <= value <= high
    ]
    middle = (_LEFT + _RIGHT) / 2
    drawn.append(f'<text class="tick middle" x="{middle}" y="{tall - 4}">candidate less baseline</text>')
    return "".join([*drawn, "</svg>"])

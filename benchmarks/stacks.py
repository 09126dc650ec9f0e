"""Sampled stacks to stages of a request, and stages to a picture; nothing here runs or reads anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

# the innermost frame that one of these fits decides; of these, the first
STAGES = (
    ("express lane: decode, check, model, encode", r"server/express/"),
    ("metrics", r"server/metrics\.py"),
    ("check against the signature", r"core/(check|checker)\.py"),
    ("encode the answer", r"dialects/oip_answer\.py|\bencode \("),
    ("decode the body", r"server/dialects/"),
    ("model", r"trimtab/bundle/"),
    ("queue, batch, engine", r"server/(batching|engines)/|core/table\.py"),
    ("admission, deadline", r"server/(dataplane|endpoint)\.py"),
    ("HTTP parser", r"server/(connection|chunks)\.py"),
    ("write", r"server/wire\.py|_write \(.*server/listener\.py"),
    ("connection, order of answers", r"server/listener\.py"),
    ("routing, ids", r"server/(app|router|ids|faults)\.py"),
    ("event loop, wait and read", r"asyncio/|server/process\.py"),
)
OTHER = "other"
ORDER = (
    "event loop, wait and read",
    "HTTP parser",
    "connection, order of answers",
    "routing, ids",
    "express lane: decode, check, model, encode",
    "decode the body",
    "admission, deadline",
    "check against the signature",
    "queue, batch, engine",
    "model",
    "encode the answer",
    "metrics",
    "write",
    OTHER,
)
COLOURS = ("#7f8c9b", "#4e79a7", "#76a5d1", "#9c755f", "#f28e2b", "#b07aa1", "#e15759", "#59a14f", "#86bc63")
COLOURS += ("#edc948", "#d37295", "#3a9e9e", "#a0a0a0", "#b8b04a")
_RULES = tuple((name, re.compile(rule)) for name, rule in STAGES)
_BESIDE = "threading.py"  # threads that wait for work


def stage_of(frames: Sequence[str]) -> str:
    """The stage of a stack, outermost frame first."""
    for frame in reversed(frames):
        for name, rule in _RULES:
            if rule.search(frame):
                return name
    return OTHER


def stages(lines: Iterable[str]) -> dict[str, float]:
    """The share of each stage in the samples of the loop's thread; `frame;frame COUNT` a line."""
    counts: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if stack and _BESIDE not in stack:
            counts[stage_of(stack.split(";"))] += int(count)
    whole = sum(counts.values())
    return {name: counts[name] / whole for name in ORDER if counts[name]}


WIDTH, BAR, LEFT = 920, 44, 20
STYLE = """<style>
text { font: 13px sans-serif; fill: #1f2328 } .in { fill: #fff; font-size: 12px }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .in { fill: #fff } }
</style>"""


def picture(costs: Mapping[str, Mapping[str, float]]) -> str:
    """One bar a request, on one scale of microseconds, and what the colours mean, as SVG."""
    longest = max(sum(cost.values()) for cost in costs.values())
    scale, parts, y = (WIDTH - 2 * LEFT) / longest, [STYLE], 10
    for title, cost in costs.items():
        parts.append(f'<text x="{LEFT}" y="{y + 14}">{_safe(title)}: {sum(cost.values()):.0f} us of CPU</text>')
        x = float(LEFT)
        for name, us in cost.items():
            wide, fill = us * scale, COLOURS[ORDER.index(name)]
            label = f"<title>{_safe(name)}: {us:.1f} us</title>"
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 22}" width="{wide:.1f}" height="{BAR}" fill="{fill}">{label}</rect>'
            )
            if wide > 26:  # noqa: PLR2004 - pixels that a number needs
                parts.append(f'<text class="in" x="{x + 4:.1f}" y="{y + 22 + BAR / 2 + 4:.0f}">{us:.1f}</text>')
            x += wide
        y += BAR + 42
    for at, name in enumerate(ORDER):
        x, line = LEFT + at % 3 * 300, y + at // 3 * 22
        parts.append(f'<rect x="{x}" y="{line}" width="14" height="14" fill="{COLOURS[at]}"/>')
        parts.append(f'<text x="{x + 20}" y="{line + 12}">{_safe(name)}</text>')
    height = y + (len(ORDER) + 2) // 3 * 22 + 6
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")

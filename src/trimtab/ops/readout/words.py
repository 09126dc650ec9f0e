"""A read-out in plain words, a line a measure."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TypeAlias

from trimtab.ops.readout.effects import Effect
from trimtab.ops.readout.picture import sparkline
from trimtab.ops.readout.readout import Readout
from trimtab.ops.replay.words import percent
from trimtab.ops.simulate.words import span

__all__ = ["arms", "lines", "sentence", "title"]

Line: TypeAlias = tuple[str, str]


def lines(found: Readout) -> Iterator[Line]:
    """Topic and text of each line."""
    shares = ", ".join(map(percent, found.shares))
    yield "flown", f"`{found.flight}` for {span(found.seconds)}, challenger at {shares}"
    for effect in found.effects:
        yield effect.name, sentence(effect)
        yield "", f"{arms(effect)}  {sparkline(effect)}".rstrip()
    for part in found.parts:
        for effect in part.effects:
            if effect.of != "latency":
                yield "part", f"{part.words}: {sentence(effect)}; {arms(effect)}"
    yield "sure", f"all intervals hold at once and at every look, but for a chance of {percent(found.alpha)}"


def sentence(effect: Effect) -> str:
    """`the challenger's error rate is 0.4 points higher (0.1 to 0.7): it is worse`."""
    match effect.word:
        case "worse" | "better" as word:
            end = f"it is {word}"
        case "other":
            end = "it is another"
        case "open":
            end = "no difference is proved"
    return f"the challenger's {title(effect)} is {_amount(effect)} ({_between(effect)}): {end}"


def title(effect: Effect) -> str:
    """`error rate`."""
    match effect.of:
        case "errors":
            return "error rate"
        case "latency":
            return {"p50": "median latency", "p99": "99 % latency"}[effect.name]
        case "output":
            return f"mean of `{effect.name}`"
        case "quality":
            return f"`{effect.name}`"


def arms(effect: Effect) -> str:
    """`2.41 % of 6,208 against 2.01 % of 117,952`."""
    own, other = (_value(effect, value) for value in (effect.challenger, effect.champion))
    return f"{own} of {effect.challenger_n:,} against {other} of {effect.champion_n:,}"


def _value(effect: Effect, value: float) -> str:
    match effect.unit:
        case "share":
            return percent(value)
        case "time":
            return span(value)
        case "number":
            return f"{value:.4g}"


def _amount(effect: Effect) -> str:
    size = effect.effect
    match effect.unit:
        case "time":
            return f"{size:.3g} times the champion's"
        case "share":
            return f"{abs(100 * size):.3g} points {'higher' if size >= 0 else 'lower'}"
        case "number":
            return f"{abs(size):.3g} {'higher' if size >= 0 else 'lower'}"


def _between(effect: Effect) -> str:
    """The interval, in the direction of the sentence."""
    low, high = effect.low, effect.high
    if (low, high) in {(-inf, inf), (0.0, inf)}:
        return "too few answers for an interval"
    if effect.unit == "time":
        return f"{low:.3g} or more" if high == inf else f"{low:.3g} to {high:.3g}"
    if effect.effect < 0:
        low, high = -high, -low
    scale = 100 if effect.unit == "share" else 1
    return f"{_plain(scale * low)} to {_plain(scale * high)}"


def _plain(number: float) -> str:
    return f"{number:.3g}" if number else "0"

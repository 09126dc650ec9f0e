"""A flight as a comparison: every measure that both arms have, and the same for parts of the requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from trimtab.core.errors import Problem, UserError
from trimtab.ops.readout.effects import Effect, effect_of, measures_of
from trimtab.ops.readout.looks import Look

__all__ = ["Part", "Readout", "readout"]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the requests, by what they have in common, in words."""

    words: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Readout:
    """flight: its id or endpoint. alpha: the chance that any of its intervals does not hold, at any look.

    seconds: from its beginning to the last look; shares: that the challenger had.
    """

    flight: str
    alpha: float
    seconds: float
    shares: tuple[float, ...]
    effects: tuple[Effect, ...]
    parts: tuple[Part, ...] = ()

    def plain(self) -> dict[str, Any]:
        """All of it as JSON-ready values; a bound that is not there is null."""
        return {
            "flight": self.flight,
            "alpha": self.alpha,
            "seconds": self.seconds,
            "shares": list(self.shares),
            "effects": [_plain(one) for one in self.effects],
            "parts": [{"part": one.words, "effects": [_plain(each) for each in one.effects]} for one in self.parts],
        }


def readout(
    flight: str, looks: Sequence[Look], alpha: float = 0.05, parts: Mapping[str, Sequence[Look]] | None = None
) -> Readout:
    """All effects of a flight; UserError P435 where one arm has answered nothing. parts: of its requests, by words.

    What may be wrong is shared by all intervals that are shown, those of parts too: alpha is for all of them together.
    """
    parts = parts or {}
    last = looks[-1].strata if looks else ()
    names = list(measures_of(last))
    each = alpha / max(len(names) * (1 + len(parts)), 1)
    effects = _effects(names, looks, each)
    if not effects:
        what = f"nothing of flight `{flight}` can be compared: one arm has answered nothing"
        raise UserError(Problem("P435", what, "", "`trimtab flights show` says how far it came"))
    found = [Part(words, _effects(names, some, each)) for words, some in parts.items()]
    shares = tuple(dict.fromkeys(one.share for one in last))
    return Readout(flight, alpha, looks[-1].seconds, shares, effects, tuple(one for one in found if one.effects))


def _effects(names: Sequence[tuple[Any, str]], looks: Sequence[Look], alpha: float) -> tuple[Effect, ...]:
    found = (effect_of(of, name, looks, alpha) for of, name in names)
    return tuple(one for one in found if one is not None)


def _plain(effect: Effect) -> dict[str, Any]:
    def bound(value: float) -> float | None:
        return value if isfinite(value) else None

    return {
        "measure": effect.name,
        "of": effect.of,
        "champion": {"value": effect.champion, "n": effect.champion_n},
        "challenger": {"value": effect.challenger, "n": effect.challenger_n},
        "effect": effect.effect,
        "low": bound(effect.low),
        "high": bound(effect.high),
        "alpha": effect.alpha,
        "proved": None if effect.word == "open" else effect.word,
        "trace": [
            {"seconds": one.seconds, "effect": one.effect, "low": bound(one.low), "high": bound(one.high)}
            for one in effect.trace
        ],
    }

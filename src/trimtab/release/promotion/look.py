"""What a gate looks at, and the words that its rules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trimtab.core.attestations import Attestation
from trimtab.release.environments import Environment
from trimtab.release.promotion.values import Candidate, Standing

__all__ = ["SKEW_S", "Look", "age", "release_hint", "short"]

SKEW_S: Final = 60.0  # how far clocks of different machines may be apart
_UNITS: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (0.0, "s"))
_LONGEST: Final = 1e11  # s, three thousand years
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Look:
    """One question: may the candidate be released in the environment now? attestations: those that somebody signed."""

    environment: Environment
    candidate: Candidate
    attestations: tuple[Attestation, ...]
    standing: Standing
    now: float

    def is_future(self, one: Attestation) -> bool:
        """Whether it says that it was made later than now, so that nobody knows how old it is."""
        return not one.made <= self.now + SKEW_S

    def is_older(self, one: Attestation, than_s: float) -> bool:
        """Whether it was made longer ago than that."""
        return self.now - one.made > than_s


def short(name: str, digest: str) -> str:
    """`churn@sha256:9f2c41d0`, as verbs take it."""
    head, colon, rest = digest.partition(":")
    return f"{name}@{head}{colon}{rest[:_DIGITS]}"


def release_hint(look: Look, environment: str) -> str:
    """The command that releases the candidate in an environment."""
    return f"`trimtab release {short(look.candidate.name, look.candidate.digest)} --to {environment}`"


def age(seconds: float) -> str:
    """`3 d`, `2 h`, `45 s`; whole units."""
    if not seconds < _LONGEST:
        return "ages"
    for size, unit in _UNITS:
        if seconds >= size > 0:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"

"""What a plan claims of its challenger, one by one, and what each may cost of the chance of being wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.release.flight.plan import Limit, Plan

__all__ = ["CHANCES", "Claim", "How", "claims_of"]

How: TypeAlias = Literal["at_most", "at_least", "worse_by"]
# of the quantiles that a limit may name
CHANCES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}


@dataclass(frozen=True, slots=True)
class Claim:
    """One number that a measure must keep to.

    harm: the chance, over all looks, that it is taken for broken though it is kept; proof: the other way round.
    """

    measure: str
    how: How
    limit: float
    warn_only: bool
    harm: float
    proof: float


def claims_of(plan: Plan) -> tuple[Claim, ...]:
    """All of them, in the order of the limits.

    Any that is broken has the flight go back, so those that may share alpha equally (Bonferroni: their chances add up).
    Only all of them together have it promoted: that wrongs need one false proof, which has alpha for itself (the
    intersection-union test, Berger 1982). What only warns does neither.
    """
    hows: tuple[How, ...] = ("at_most", "at_least", "worse_by")
    found = [(limit, how, value) for limit in plan.limits for how in hows if (value := _value(limit, how)) is not None]
    strict = sum(not limit.warn_only for limit, _, _ in found)
    return tuple(
        Claim(limit.measure, how, value, limit.warn_only, plan.alpha / (1 if limit.warn_only else strict), plan.alpha)
        for limit, how, value in found
    )


def _value(limit: Limit, how: How) -> float | None:
    match how:
        case "at_most":
            return limit.at_most
        case "at_least":
            return limit.at_least
        case "worse_by":
            return limit.worse_by

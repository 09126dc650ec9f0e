"""One look at a flight: everything that a rule may ask about."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Evidence, Finding, Snapshot, Stratum

__all__ = ["Look"]


@dataclass(frozen=True, slots=True)
class Look:
    """What is wanted, where the flight stands, what was counted, and what is known of each limit, if it was asked."""

    plan: Plan
    snapshot: Snapshot
    evidence: Evidence
    findings: tuple[Finding, ...] = ()

    @property
    def stratum(self) -> Stratum | None:
        """What is counted of this step."""
        return self.evidence.strata[-1] if self.evidence.strata else None

    @property
    def share(self) -> float:
        """Of this step, as the plan has it."""
        steps = self.plan.steps
        return steps[min(max(self.snapshot.step, 0), len(steps) - 1)]

    @property
    def elapsed_s(self) -> float:
        """Since the flight began; a clock that was set back takes nothing from it that was flown."""
        flown = sum(one.seconds for one in self.evidence.strata)
        return max(self.snapshot.now - self.snapshot.began, flown)

    @property
    def watched_s(self) -> float:
        """At this step, however the clock was set meanwhile."""
        return self.stratum.seconds if self.stratum else 0.0

    @property
    def watch_s(self) -> float:
        """The least time at this step; what is blue-green can go back for as long as that."""
        plan = self.plan
        return max(plan.watch_s, plan.keep_s) if plan.kind == "blue-green" else plan.watch_s

    @property
    def answers(self) -> int:
        """Of the challenger at this step; of a shadow, pairs."""
        counts = self.stratum.counts if self.stratum else None
        if counts is None:
            return 0
        return counts.compared if self.plan.kind == "shadow" else counts.challenger.requests

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.snapshot.step >= len(self.plan.steps) - 1

    @property
    def step_done(self) -> bool:
        """Whether it was watched for long enough, and asked often enough."""
        return self.watched_s >= self.watch_s and self.answers >= self.plan.minimum

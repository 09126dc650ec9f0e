"""Where a flight stands, and what can be done next: the values that `decide` takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from trimtab.core.flights import Counts
from trimtab.core.verdicts import Verdict

__all__ = ["Action", "Asked", "Do", "Evidence", "Finding", "Phase", "Snapshot", "Stratum", "Verdict"]

# ended: a shadow that kept to every limit, which is over without a promotion
Phase: TypeAlias = Literal[
    "loading", "flying", "paused", "promoting", "promoted", "rolling back", "rolled back", "ended",
]  # fmt: skip
Do: TypeAlias = Literal["wait", "begin", "advance", "pause", "resume", "promote", "roll back", "end"]
Asked: TypeAlias = Literal["", "pause", "resume", "abort", "promote"]  # by a person


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was counted while the share stayed the same. share: of the challenger, or mirrored where it is a shadow."""

    share: float
    seconds: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class Evidence:
    """All strata so far, in order; the last is that of the step that is being flown."""

    strata: tuple[Stratum, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the flight stands. step: an index of the plan's; -1 before the first. Times in seconds since 1970.

    server: what is said of the challenger there, `gone` where nobody answers. asked: what a person wants.
    """

    phase: Phase
    step: int
    began: float
    step_began: float
    now: float
    server: Literal["loading", "ready", "failed", "gone"] = "ready"
    why: str = ""
    asked: Asked = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one limit.

    low, high: an interval of what is measured (for `worse_by`, of the difference or factor) that holds at every look
    at once; value: the best guess, None without data. n: answers it rests on. keeps: whether the best guess keeps to
    the limit, which proves nothing.
    """

    measure: str
    limit: float
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    n: int
    text: str
    warn_only: bool = False
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What to do next. share: what is to be steered to, None to leave it. why: in plain words, for the ledger."""

    do: Do
    phase: Phase
    step: int
    share: float | None
    why: str
    findings: tuple[Finding, ...] = ()

"""What a replay found, as values: for a program, and for those who write it down for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from trimtab.ops.replay.compare import Cause, Move, Score
from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.timing import Timing

__all__ = ["Example", "Group", "Report", "Side", "Verdict", "verdict"]

Verdict: TypeAlias = Literal["PASS", "FAIL", "UNKNOWN"]


@dataclass(frozen=True, slots=True)
class Side:
    """name, digest: of a bundle; without a digest it is what was recorded."""

    name: str
    digest: str = ""

    def __str__(self) -> str:
        """As people name it."""
        return f"{self.name}@{self.digest}" if self.digest else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """A segment: its conditions in words, their columns, its share and that of all others, its part of all changes."""

    words: str
    columns: tuple[str, ...]
    share: Share
    elsewhere: Share
    part: float


@dataclass(frozen=True, slots=True)
class Example:
    """One changed decision. group: the segment it is in, None for none. outputs: (name, before, after)."""

    id: str
    row: int
    group: int | None
    outputs: tuple[tuple[str, str, str], ...]
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """first, last: times of the earliest and the latest row. revisions: what answered then, with rows.

    drawn, interactions: how many were replayed, of how many. unasked: interactions without rows. rules: in words. by:
    the share that changed of each output. cause_ids: an example of each cause. recovered, failed: rows that had no
    answer and have one now, of those that had none. rest: the share of rows in no segment. notes: what a reader should
    know besides.
    """

    endpoint: str
    candidate: Side
    baseline: Side
    first: str
    last: str
    revisions: Sequence[tuple[str, int]]
    drawn: int
    interactions: int
    unasked: int
    rules: Sequence[str]
    changed: Share
    by: Mapping[str, Share]
    lost: Share
    causes: Sequence[Cause]
    cause_ids: Sequence[str]
    recovered: int
    failed: int
    moves: Sequence[Move]
    scores: Sequence[Score]
    groups: Sequence[Group]
    rest: Share
    examples: Sequence[Example]
    notes: Sequence[str] = ()
    timing: Timing | None = None

    def plain(self, limit: float | None) -> dict[str, Any]:
        """All of it as JSON-ready values; limit: the most that may change, as a share."""
        return {
            "endpoint": self.endpoint,
            "candidate": {"name": self.candidate.name, "digest": self.candidate.digest},
            "baseline": {"name": self.baseline.name, "digest": self.baseline.digest},
            "first": self.first,
            "last": self.last,
            "revisions": [{"revision": revision, "rows": rows} for revision, rows in self.revisions],
            "interactions": {"replayed": self.drawn, "recorded": self.interactions, "without_rows": self.unasked},
            "rules": list(self.rules),
            "changed": _share(self.changed),
            "verdict": None if limit is None else {"at_most": limit, "is": verdict(self.changed, limit)},
            "outputs": {name: _share(share) for name, share in self.by.items()},
            "errors": self._errors(),
            "moves": [
                {"output": move.output, "before": move.before, "after": move.after, **_share(move.share)}
                for move in self.moves
            ],
            "scores": [
                {
                    "output": score.output,
                    "moved": _share(score.moved),
                    "quantiles": [{"share": share, "value": value} for share, value in score.quantiles],
                }
                for score in self.scores
            ],
            "segments": [
                {"segment": one.words, "part": one.part, **_share(one.share), "elsewhere": _share(one.elsewhere)}
                for one in self.groups
            ],
            "elsewhere": _share(self.rest),
            "examples": [
                {
                    "id": one.id,
                    "row": one.row,
                    "segment": None if one.group is None else self.groups[one.group].words,
                    "outputs": [{"output": name, "before": old, "after": new} for name, old, new in one.outputs],
                    "inputs": dict(one.inputs),
                }
                for one in self.examples
            ],
            "notes": list(self.notes),
            **({} if self.timing is None else {"timing": self.timing.plain()}),
        }

    def _errors(self) -> dict[str, Any]:
        kinds = [
            {"kind": cause.kind, "said": cause.said, "example": example, **_share(cause.share)}
            for cause, example in zip(self.causes, self.cause_ids, strict=True)
        ]
        lost = _share(self.lost)
        return {"share": lost, "kinds": kinds, "recovered": self.recovered, "failed_then": self.failed}


def verdict(changed: Share, limit: float) -> Verdict:
    """Whether at most so many decisions change. UNKNOWN: no more did, but too few rows show that."""
    if changed.value > limit:
        return "FAIL"
    return "PASS" if changed.high <= limit else "UNKNOWN"


def _share(share: Share) -> dict[str, Any]:
    return {
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "count": share.count,
        "rows": share.rows,
        "stands_for": share.total,
    }

"""What is shown of releases: aligned lines for people, plain values for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trimtab.core.deployment import Change, Deployment
from trimtab.release.ledger.plain import plain_of

if TYPE_CHECKING:
    from trimtab.ops.release.plan import Plan
    from trimtab.release.history import Release
    from trimtab.release.promotion.values import Judgement

__all__ = [
    "loud", "named", "plain_plan", "plain_release", "plan_lines", "release_line", "show_bundle", "time_text",
]  # fmt: skip

_DIGITS = 15  # of a digest, with `sha256:`


def show_bundle(digest: object) -> str:
    """The beginning of a digest."""
    text = str(digest)
    return text[:_DIGITS] if text.startswith("sha256:") else text


def named(deployment: Deployment) -> str:
    """`churn@sha256:9f2c41d0`."""
    return f"{deployment.name}@{show_bundle(deployment.bundle)}"


def time_text(seconds: float) -> str:
    """To the second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def plan_lines(plan: Plan) -> Iterator[tuple[str, str]]:
    """Topic and text: what differs, field by field, and what the gate says."""
    wanted = plan.wish.wanted
    yield "plan", f"{named(wanted)} to `{wanted.environment}`" + (", flown beside what is live" if plan.flies else "")
    if plan.status.live is None:
        yield "live", "nothing"
    elif not plan.changes:
        yield "live", "nothing differs"
    for change in plan.changes if plan.status.live is not None else ():
        yield "change", _change(change)
    for text in plan.status.differs:
        yield "differs", text
    for text in plan.faults:
        yield "evidence", text
    for finding in plan.judgement.findings:
        yield "gate", f"{finding.verdict:<8} {finding.name:<11} {finding.why}"
        for line in finding.diff:
            yield "", f"{'':<20} {line}"
    yield "gate", plan.judgement.outcome


def _change(change: Change) -> str:
    sides = ("-" if one is None else show_bundle(one) for one in (change.live, change.wanted))
    return f"{change.field}  " + " -> ".join(sides)


def plain_plan(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON."""
    changes = [{"field": one.field, "live": _plain(one.live), "wanted": _plain(one.wanted)} for one in plan.changes]
    return {
        "environment": plan.wish.environment.name, "wanted": plain_of(plan.wish.wanted),
        "live": None if plan.live is None else plain_of(plan.live), "changes": changes,
        "differs": list(plan.status.differs), "breaks": [plain_of(one) for one in plan.breaks], "flight": plan.flies,
        "judgement": _judgement(plan.judgement), "evidence": list(plan.documents), "faults": list(plan.faults),
    }  # fmt: skip


def _plain(value: object) -> Any:
    return plain_of(value)


def _judgement(judgement: Judgement) -> dict[str, Any]:
    plain: dict[str, Any] = plain_of(judgement)
    return plain


def plain_release(release: Release) -> dict[str, Any]:
    """A release as plain JSON: what, why, who, on which evidence, and how it came out."""
    begun, ended = release.begun, release.ended
    return {
        "release": release.name, "environment": begun.environment, "why": begun.why, "began": release.began,
        "by": begun.by, "taken_by": release.by, "wanted": plain_of(begun.wanted),
        "before": None if begun.before is None else plain_of(begun.before), "source": plain_of(begun.source),
        "judgement": _judgement(begun.judgement), "evidence": list(begun.evidence), "to": begun.to,
        "steps": list(release.steps), "flight": release.flight, "outcome": ended.outcome if ended else None,
        "ended": release.ended_at if ended else None, "reason": ended.why if ended else "",
        "emergency": begun.judgement.emergency,
    }  # fmt: skip


def loud(release: Release, tell: Callable[[str], None]) -> None:
    """An emergency is no ordinary release, wherever it is read of."""
    begun = release.begun
    if begun.judgement.outcome == "emergency":
        against = ", ".join(f"{one.name} {one.verdict}" for one in begun.judgement.missing) or "nothing"
        tell(
            f"EMERGENCY  release `{release.name}` to `{begun.environment}` by `{begun.by}` past its gate: "
            f"{begun.judgement.emergency}; against it: {against}"
        )


def release_line(release: Release) -> str:
    """One line of a history."""
    begun, ended = release.begun, release.ended
    outcome = ended.outcome if ended else "under way"
    what = f"{begun.why} to {begun.to}" if begun.to else begun.why
    flight = f", flight {release.flight}" if release.flight else ""
    reason = f": {ended.why}" if ended is not None and ended.why else ""
    return f"{time_text(release.began)}  {release.name:<4} {what:<14} {named(begun.wanted)}  {outcome}{flight}{reason}"

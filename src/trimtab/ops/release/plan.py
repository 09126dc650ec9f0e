"""What a release would do, and whether the gate lets it: looked at, nothing done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trimtab.core.deployment import Change, Deployment, differences
from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.ops.release.means import Means
from trimtab.release.environments import Environment
from trimtab.release.history import Past, past_of, standing_of
from trimtab.release.ledger.lines import Entry
from trimtab.release.promotion.values import Candidate, Finding, Judgement
from trimtab.targets.target import Status

__all__ = ["Plan", "Wish", "must_pass", "plain_live", "plan"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be released, and by whom; wanted has no challenger."""

    environment: Environment
    wanted: Deployment
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Plan:
    """Field by field, and what the gate says. entries: of the record, as it was when it was judged.

    status: of the target. live: what runs whole, None for nothing. breaks: what may no longer be asked. documents:
    sha256 of the evidence that was read; faults: of what does not count.
    """

    wish: Wish
    entries: Sequence[Entry]
    past: Past
    status: Status
    live: Deployment | None
    changes: tuple[Change, ...]
    breaks: tuple[Finding, ...]
    judgement: Judgement
    documents: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def flies(self) -> bool:
        """Whether it is flown: another bundle beside one that answers, and no emergency."""
        flight, emergency = self.wish.environment.flight, self.judgement.outcome == "emergency"
        return (
            flight is not None
            and self.live is not None
            and self.live.bundle != self.wish.wanted.bundle
            and not emergency
        )

    @property
    def is_done(self) -> bool:
        """Whether all of it runs already, and the record says so."""
        runs = not self.changes and not self.status.differs and self.status.ready
        return runs and self.past.live == self.wish.wanted and self.past.under_way is None


def plan(wish: Wish, means: Means, entries: Sequence[Entry] | None = None) -> Plan:
    """What would be done. entries: of the record, where it was just looked at.

    UserError P500 for what the target cannot honour, P467 for a flight that it cannot have.
    """
    environment, wanted = wish.environment, wish.wanted
    means.target.render(wanted)
    _must_fly(wish, means)
    entries = means.record.entries() if entries is None else entries
    past = past_of(entries, environment.name, wanted.name)
    status = means.target.status(wanted.name, environment.name)
    live = plain_live(status) or past.live
    evidenced = means.evidence(wanted.bundle)
    standing = standing_of(entries, environment, wanted.name)
    judgement = means.judge(environment, wish.candidate, evidenced.attestations, standing, means.clock())
    breaks: tuple[Finding, ...] = ()
    if live is not None and live.bundle != wanted.bundle:
        breaks = means.compatible(live.bundle, wanted.bundle)
    judgement = _with_breaks(judgement, breaks, wish.candidate.emergency)
    changes = differences(plain_live(status), wanted)
    return Plan(
        wish, entries, past, status, live, changes, breaks, judgement, evidenced.documents, evidenced.faults
    )  # fmt: skip


def plain_live(status: Status) -> Deployment | None:
    """What answers, without a challenger that somebody left beside it."""
    return None if status.live is None else replace(status.live, challenger="", traffic=0.0, shadow=0.0)


def must_pass(plan: Plan) -> None:
    """RefusedError P463, a problem for each thing that stands against it."""
    if plan.judgement.outcome != "refused":
        return
    environment = plan.wish.environment.name
    where, refused = f"[env.{environment}]", f"not released to `{environment}`"
    emergency = f'trimtab release {environment} --emergency "REASON"'
    raise RefusedError(
        *(
            Problem("P463", "\n  ".join((f"{refused}: {one.name}: {one.why}", *one.diff)), where, one.hint or emergency)
            for one in plan.judgement.missing
        )
    )


def _must_fly(wish: Wish, means: Means) -> None:
    """What is flown there the next time is refused now, not then."""
    environment, wanted = wish.environment, wish.wanted
    if environment.flight is None:
        return
    if "challenger" not in means.target.honours:
        kind = environment.target.kind
        what = f"the target `{kind}` has no place for a challenger, so that nothing can be flown there"
        raise UserError(Problem("P467", what, f"[env.{environment.name}]", "leave `flight` away"))
    means.target.render(replace(wanted, challenger=wanted.bundle))


def _with_breaks(judgement: Judgement, breaks: tuple[Finding, ...], emergency: str) -> Judgement:
    """What the live revision takes and the new one does not is refused, whatever evidence the environment asks for."""
    if not breaks:
        return judgement
    return replace(judgement, findings=(*judgement.findings, *breaks), outcome="emergency" if emergency else "refused")

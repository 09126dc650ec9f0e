"""Whether a bundle may be released in an environment: the rules, in order, as a table; all of them are asked.

Nothing is done here, nothing is looked up, and nothing is remembered. Only evidence counts that somebody was found to
have signed. More evidence never turns a yes into a no, unless it says FAIL; what nobody knows is never a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from trimtab.core.attestations import Attestation
from trimtab.release.environments import Environment
from trimtab.release.promotion.approved import approved
from trimtab.release.promotion.look import Look
from trimtab.release.promotion.origins import as_committed, came_through, clean, not_refused, same_commit, source_bound
from trimtab.release.promotion.required import required
from trimtab.release.promotion.values import Candidate, Finding, Judgement, Passed, Standing

__all__ = ["RULES", "Rule", "judge"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold, in words, and what is found of it; no finding where the environment does not ask for it."""

    says: str
    look: Callable[[Look], Iterable[Finding]]


# fmt: off
RULES: Final = (
    Rule("it is of the branch or tag that the environment follows",          source_bound),
    Rule("the bundle was packaged from that commit",                         same_commit),
    Rule("and from nothing that no commit holds",                            clean),
    Rule("what is asked for here is what was committed",                     as_committed),
    Rule("the same digest is live in the environment before",                came_through),
    Rule("no flight here has sent it back",                                  not_refused),
    Rule("each required kind of evidence is there, young enough, and PASS",  required),
    Rule("enough different people have said yes",                            approved),
)
# fmt: on


def judge(
    environment: Environment,
    candidate: Candidate,
    attestations: Iterable[Attestation],
    standing: Standing,
    now: float,
) -> Judgement:
    """All findings and what they come to; now: seconds since 1970. An emergency passes, with all that was against it.

    attestations: as `gather` found them; one without a signer is not looked at.
    """
    signed = tuple(one for one in attestations if one.signer)
    look = Look(environment, candidate, signed, standing, now)
    findings = tuple(finding for rule in RULES for finding in rule.look(look))
    against = [one for one in findings if one.verdict in ("FAIL", "UNKNOWN")]
    emergency = candidate.emergency.strip()
    outcome: Passed = "passed" if not against else "emergency" if emergency else "refused"
    return Judgement(outcome, findings, emergency)

"""What to do next with a flight: the rules, in order, as a table; the first one whose condition holds is obeyed.

Nothing is done here, and nothing remembered: who is killed between two looks asks again and is told the same. A phase
that ends in `ing` is written down before anybody acts; what it says is said again until the next phase is written,
which is after the act. All acts may be done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trimtab.release.flight.conditions import CONDITIONS
from trimtab.release.flight.judge import judge
from trimtab.release.flight.look import Look
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Do, Evidence, Phase, Snapshot

__all__ = ["RULES", "Rule", "decide"]


@dataclass(frozen=True, slots=True)
class Rule:
    """In a phase, when a condition holds (its name, as the diagram has it), do this and be in the next phase."""

    phase: Phase
    when: str
    do: Do
    next: Phase


# fmt: off
RULES: Final = (
    Rule("loading",      "asked to abort",                    "roll back", "rolling back"),
    Rule("loading",      "challenger failed",                 "roll back", "rolling back"),
    Rule("loading",      "time is over",                      "roll back", "rolling back"),
    Rule("loading",      "challenger ready",                  "begin",     "flying"),
    Rule("loading",      "otherwise",                         "wait",      "loading"),
    Rule("flying",       "asked to abort",                    "roll back", "rolling back"),
    Rule("flying",       "challenger failed",                 "roll back", "rolling back"),
    Rule("flying",       "a limit is broken",                 "roll back", "rolling back"),
    Rule("flying",       "time is over",                      "roll back", "rolling back"),
    Rule("flying",       "nobody answers",                    "wait",      "flying"),
    Rule("flying",       "challenger loading again",          "wait",      "flying"),
    Rule("flying",       "asked to promote",                  "promote",   "promoting"),
    Rule("flying",       "asked to pause",                    "pause",     "paused"),
    Rule("flying",       "last step, proved, somebody holds", "wait",      "flying"),
    Rule("flying",       "last step, proved, a shadow",       "end",       "ended"),
    Rule("flying",       "last step, proved",                 "promote",   "promoting"),
    Rule("flying",       "step done, nothing against it",     "advance",   "flying"),
    Rule("flying",       "otherwise",                         "wait",      "flying"),
    Rule("paused",       "asked to abort",                    "roll back", "rolling back"),
    Rule("paused",       "challenger failed",                 "roll back", "rolling back"),
    Rule("paused",       "a limit is broken",                 "roll back", "rolling back"),
    Rule("paused",       "time is over",                      "roll back", "rolling back"),
    Rule("paused",       "nobody answers",                    "wait",      "paused"),
    Rule("paused",       "asked to promote",                  "promote",   "promoting"),
    Rule("paused",       "asked to resume",                   "resume",    "flying"),
    Rule("paused",       "otherwise",                         "wait",      "paused"),
    Rule("promoting",    "nobody answers",                    "wait",      "promoting"),
    Rule("promoting",    "otherwise",                         "promote",   "promoted"),
    Rule("rolling back", "nobody answers",                    "wait",      "rolling back"),
    Rule("rolling back", "otherwise",                         "end",       "rolled back"),
    Rule("promoted",     "otherwise",                         "wait",      "promoted"),
    Rule("rolled back",  "otherwise",                         "wait",      "rolled back"),
    Rule("ended",        "otherwise",                         "wait",      "ended"),
)
# fmt: on
_WEIGHED: Final = frozenset({"flying", "paused"})  # phases in which the evidence may say something


def decide(plan: Plan, snapshot: Snapshot, evidence: Evidence) -> Action:
    """The next action, with the phase that is to be written down; what the challenger is to have from now on, if any.

    Each strict limit that is FAIL has it go back at once; only when all are PASS at the last step is it promoted.
    """
    findings = judge(plan, evidence) if snapshot.phase in _WEIGHED else ()
    look = Look(plan, snapshot, evidence, findings)
    rule, why = next(
        (rule, why) for rule in RULES if rule.phase == snapshot.phase and (why := CONDITIONS[rule.when](look))
    )
    step, share = snapshot.step, None
    match rule.do:
        case "begin":
            step, share = 0, plan.steps[0]
        case "advance":
            step, share = step + 1, plan.steps[step + 1]
        case "roll back":
            share = 0.0
        case "wait" | "pause" | "resume" | "promote" | "end":
            pass
    return Action(rule.do, rule.next, step, share, why, findings)

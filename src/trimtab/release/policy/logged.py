"""What was logged of a flight, as arrays: what was done, how likely that was, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError

__all__ = ["Logged", "wanted_chances"]

_PAIR = 2
_ROOM = 1e-9  # chances that come to 1 but for rounding come to 1


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """A decision a place of each array; UserError (P430) where they are no log that anything follows from.

    taken: the number of what was done, from 0 (of a flight: 0 the champion, 1 the challenger). probability: how likely
    that was, above 0 and up to 1. reward: what came of it. unit: who is drawn as one, a caller for example, as a whole
    number from 0; every decision for itself where it is not said.
    """

    taken: Array
    probability: Array
    reward: Array
    unit: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        """All that is wrong is said at once."""
        if not len(self.unit):
            object.__setattr__(self, "unit", np.arange(len(self.taken)))
        problems = [Problem("P430", what, "the log", hint) for what, hint in self._faults()]
        if problems:
            raise UserError(*problems)

    def __len__(self) -> int:
        """How many decisions."""
        return len(self.taken)

    def _faults(self) -> list[tuple[str, str]]:
        lengths = {len(self.taken), len(self.probability), len(self.reward), len(self.unit)}
        if lengths == {0}:
            return [("nothing was logged, and nothing follows from it", "an earlier `since`, or another endpoint")]
        if len(lengths) > 1:
            return [("what was done, its chances and rewards are not equally many", "one of each a decision")]
        found = []
        improper = ~((self.probability > 0) & (self.probability <= 1))
        if improper.any():
            what = (
                f"{int(improper.sum()):,} of {len(self):,} decisions have a probability that is not above 0 and up to 1"
            )
            found.append((what, "leave out what was not divided by chance, such as arms that callers named themselves"))
        if unknown := int((~np.isfinite(self.reward)).sum()):
            what = f"{unknown:,} of {len(self):,} decisions have no reward"
            found.append((what, "leave out what is not known yet, and say how much that is"))
        return found


def wanted_chances(logged: Logged, wanted: Array) -> Array:
    """What a policy would do, [decision, action], in whole chances; UserError (P431) where that is none.

    wanted: such chances, or the number of one action a decision.
    """
    if wanted.ndim == 1:
        _require(len(wanted) == len(logged), "the policy says what to do for other decisions than were logged")
        actions = int(max(wanted.max(), logged.taken.max())) + 1
        chances = np.zeros((len(logged), actions))
        chances[np.arange(len(logged)), wanted.astype(np.int64)] = 1.0
        return chances
    _require(
        wanted.ndim == _PAIR and len(wanted) == len(logged) and wanted.shape[1] > int(logged.taken.max()),
        "the policy has not a chance for each action at each decision",
    )
    whole = bool((wanted >= 0).all() and (np.abs(wanted.sum(axis=1) - 1) <= _ROOM).all())
    _require(whole, "the chances of a policy do not come to 1 at each decision")
    return np.asarray(wanted, np.float64)


def _require(holds: bool, what: str) -> None:  # noqa: FBT001  # the fault is the point of the call
    if not holds:
        hint = "an array of numbers of actions, or of chances, [decision, action], that come to 1"
        raise UserError(Problem("P431", what, "the policy", hint))

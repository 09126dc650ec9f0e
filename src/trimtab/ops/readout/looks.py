"""Evidence over time: what had been counted of both arms at each of some moments, from a ledger or from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments
from trimtab.release.flight.states import Stratum
from trimtab.release.ledger.flights import Begun, Decided, note_of
from trimtab.release.ledger.lines import Entry

__all__ = ["Answers", "Look", "looks_of_answers", "looks_of_entries"]

_MOST: Final = 60  # moments that are shown


@dataclass(frozen=True, slots=True)
class Look:
    """What was known then. seconds: since the flight began."""

    seconds: float
    strata: tuple[Stratum, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Requests of a flight that were answered, in order of time: one place of each array for each.

    times: seconds since 1970; own: whether the challenger answered; share: of the challenger then. measures: what came
    of it, by name; NaN where that is not known.
    """

    times: Array
    own: Array
    share: Array
    failed: Array
    seconds: Array
    measures: dict[str, Array]

    def __len__(self) -> int:
        """How many."""
        return len(self.times)

    def of(self, where: Array) -> Answers:
        """Some of them."""
        measures = {name: values[where] for name, values in self.measures.items()}
        return Answers(
            self.times[where], self.own[where], self.share[where], self.failed[where], self.seconds[where], measures
        )


def looks_of_entries(entries: Iterable[Entry]) -> list[Look]:
    """Of one flight in a ledger: what stands beside each decision, and beside each note that nothing was decided."""
    began: float | None = None
    found: list[Look] = []
    for entry in entries:
        note = note_of(entry)
        if isinstance(note, Begun):
            began, found = entry.time, []
        elif isinstance(note, Decided) and note.strata:
            found.append(Look(entry.time - (entry.time if began is None else began), note.strata))
    return _some(found)


def looks_of_answers(answers: Answers, moments: int = _MOST) -> list[Look]:
    """What was known after each part of the answers, all parts having equally many."""
    if not len(answers):
        return []
    ends = np.unique(np.linspace(0, len(answers), moments + 1).round().astype(int))[1:]
    shares = list(dict.fromkeys(answers.share.tolist()))
    return [
        Look(float(answers.times[end - 1] - answers.times[0]), _strata(answers.of(np.arange(end)), shares))
        for end in ends.tolist()
    ]


def _some(looks: Sequence[Look]) -> list[Look]:
    """So many as can be shown, evenly, and the last."""
    if len(looks) <= _MOST:
        return list(looks)
    return [looks[at] for at in np.linspace(0, len(looks) - 1, _MOST).round().astype(int)]


def _strata(answers: Answers, shares: Sequence[float]) -> tuple[Stratum, ...]:
    """A stratum for each share that the challenger had, in the order in which it had them."""
    found = []
    for share in shares:
        here = answers.share == share
        if here.any():
            times = answers.times[here]
            champion, challenger = (_arm(answers.of(here & (answers.own == own))) for own in (False, True))
            found.append(Stratum(share, float(times[-1] - times[0]), Counts(champion, challenger)))
    return tuple(found)


def _arm(answers: Answers) -> ArmCounts:
    buckets = np.bincount(np.searchsorted(LATENCY_S, answers.seconds), minlength=len(LATENCY_S) + 1)
    measures = {name: moments_of(values[~np.isnan(values)]) for name, values in answers.measures.items()}
    return ArmCounts(len(answers), int(answers.failed.sum()), tuple(buckets.tolist()), {}, measures)


def moments_of(values: Array) -> Moments:
    """Of numbers."""
    if not len(values):
        return Moments()
    total, squares = float(values.sum()), float((values**2).sum())
    return Moments(len(values), total, squares, float(values.min()), float(values.max()))

"""The flights of releases: flown as any other, by a ledger of their environment on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trimtab.core.attestations import Measure
from trimtab.ops.flights.director import Seen
from trimtab.ops.flights.fly import Airfield, fly
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Plan
from trimtab.release.history import Release
from trimtab.release.ledger.flights import Begun
from trimtab.release.moves import Flown

__all__ = ["FlownReleases", "flown_of"]


@dataclass(frozen=True, slots=True)
class FlownReleases:
    """Obeys `Flights`. plan: of the environment. watch: is told of every look."""

    field: Airfield
    plan: Plan
    watch: Callable[[Seen], None]

    def known(self, release: str) -> Flown | None:
        """See `Flights`: the newest that was begun for it."""
        found = [one for one in self.field.book.flights().values() if one.begun.release == release]
        return self._flown(found[-1]) if found else None

    def fly(self, release: Release, control: str, looked: Callable[[], None]) -> Flown:
        """See `Flights`."""
        begun = release.begun
        wanted = Begun(begun.wanted.name, begun.wanted.bundle, control, self.plan, begun.by, release.name)

        def tell(seen: Seen) -> None:
            self.watch(seen)
            looked()

        return self._flown(fly(self.field, begun.wanted.name, wanted, tell))

    def _flown(self, standing: Standing) -> Flown:
        folder = self.field.book.ledger.folder
        return flown_of(standing, str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder))


def flown_of(standing: Standing, ledger: str) -> Flown:
    """What a release wants to know of a flight; ledger: where it is written down."""
    ended, decided, plan = standing.ended, standing.decided, standing.begun.plan
    if ended is None:
        return Flown(standing.flight, ledger=ledger)
    findings = () if decided is None else decided.action.findings
    measures = tuple(
        Measure(one.measure, one.value, one.verdict, one.limit, count=one.n, says=one.text) for one in findings
    )
    broken = next((f"limits.{one.measure}" for one in findings if one.verdict == "FAIL"), "")
    at = f" at {100 * plan.steps[standing.step]:g} %" if standing.step >= 0 and broken else ""
    return Flown(standing.flight, ended.outcome, f"{ended.why}{at}", broken, ledger, measures)

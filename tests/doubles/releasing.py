"""A record, flights and everything else that a release works with, in memory; and whoever is killed over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tests.doubles.airborne import Clock
from tests.doubles.directing import Killed, Killer

from trimtab.bundle.evidence import Evidence
from trimtab.core.attestations import Attestation
from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, RefusedError
from trimtab.ops.release.means import Crew, Evidenced, Means
from trimtab.ops.release.plan import Wish
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import Plan as FlightPlan
from trimtab.release.history import Past, Release, past_of
from trimtab.release.ledger.flights import Outcome
from trimtab.release.ledger.lines import FORMAT, OPENING, Entry, follow
from trimtab.release.moves import Flown
from trimtab.release.promotion.values import Candidate, Finding, Judgement, Source
from trimtab.release.record.record import moved
from trimtab.testing import Killed as KilledWithin
from trimtab.testing import MemoryTarget, Platform

OLD, NEW, OTHER = "sha256:old", "sha256:new", "sha256:other"


@dataclass
class MemoryRecord:
    """Obeys `Record`. before_append: somebody who is quicker."""

    clock: Clock
    kept: list[Entry] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    before_append: list[Any] = field(default_factory=list)

    def entries(self) -> Sequence[Entry]:
        return list(self.kept)

    def append(self, kind: str, about: str, body: Mapping[str, Any], after: str, files: Mapping[str, str]) -> Entry:
        if self.before_append:
            self.before_append.pop()()
        if after != (self.kept[-1].digest if self.kept else ""):
            raise moved("memory")
        if not self.kept:
            self.kept.append(follow(None, self.clock(), OPENING, "", {"format": FORMAT}))
        self.kept.append(follow(self.kept[-1], self.clock(), kind, about, body))
        self.files |= files
        return self.kept[-1]

    def documents(self, digest: str) -> tuple[Evidence, ...]:
        return tuple(self.evidence.get(digest, ()))

    def keep(self, digest: str, documents: Iterable[Evidence]) -> None:
        self.evidence.setdefault(digest, []).extend(documents)


@dataclass
class MemoryFlights:
    """Obeys `Flights`. bad: digests that break a limit."""

    target: MemoryTarget
    bad: frozenset[str] = frozenset()
    kept: dict[str, Flown] = field(default_factory=dict)

    def known(self, release: str) -> Flown | None:
        return self.kept.get(release)

    def fly(self, release: Release, control: str, looked: Any) -> Flown:
        assert control
        begun = release.begun
        self.kept.setdefault(release.name, Flown(f"f-{release.name}"))
        looked()
        self.target.flown(begun.wanted.name, begun.environment, 0.5)
        if begun.wanted.bundle in self.bad:
            self.target.flown(begun.wanted.name, begun.environment, 0.0)
            self._over(release, "rolled back", "errors 90 % is above 1 %")
        else:
            self.target.flown(begun.wanted.name, begun.environment, 1.0)
            self._over(release, "promoted", "every limit is kept")
        return self.kept[release.name]

    def _over(self, release: Release, outcome: Outcome, why: str) -> None:
        kept = self.kept[release.name]
        self.kept[release.name] = replace(kept, outcome=outcome, why=why, where="limits.errors")


@dataclass
class Port:
    """One environment, `prod`, whoever releases to it: `means` of a process that may be killed."""

    flown: bool = False
    bad: frozenset[str] = frozenset()
    unproved: frozenset[str] = frozenset()
    refused: bool = False
    clock: Clock = field(default_factory=Clock)
    platform: Platform = field(default_factory=Platform)
    dead: set[str] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)
    vouched: list[Attestation] = field(default_factory=list)
    commits: list[str] = field(default_factory=lambda: ["c1"])
    breaks: tuple[Finding, ...] = ()
    gone: frozenset[str] = frozenset()
    seen: dict[str, bool] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)
    needed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record = MemoryRecord(self.clock)
        self.target = MemoryTarget(self.platform, control="memory:control")
        self.flights = MemoryFlights(self.target, self.bad)
        plan = FlightPlan() if self.flown else None
        self.environment = Environment("prod", tag="v*", flight=plan)

    def means(self, owner: str = "one", killer: Killer | None = None) -> Means:
        killer = killer or Killer()
        return Means(
            killer.wrapped(self.record, "append"),
            killer.wrapped(self.target, "apply", "remove", "status"),
            killer.wrapped(self.flights, "fly", "known"),
            self._judge,
            lambda _: Evidenced(documents=("ab",)),
            killer.step(self.shared.append),
            self._stands,
            self._prove,
            lambda _live, _new: self.breaks,
            killer.step(self.vouched.append),
            lambda digest: digest not in self.gone,
            killer.step(self._need),
            Crew(f"person of {owner}", owner, self._alive),
            self.clock,
            lambda *words: self.told.append(words),
        )

    def wish(self, bundle: str = NEW, emergency: str = "", **said: Any) -> Wish:
        wanted = Deployment("churn", "prod", bundle, **said)
        source = Source(self.commits[0], "refs/tags/v1")
        return Wish(self.environment, wanted, Candidate("churn", bundle, source=source, emergency=emergency))

    @property
    def past(self) -> Past:
        return past_of(self.record.kept, "prod", "churn")

    def _alive(self, owner: str) -> bool | None:
        return False if owner in self.dead else self.seen.get(owner)

    def _need(self, environment: str, name: str, uses: Mapping[str, str]) -> None:
        assert (environment, name) == ("prod", "churn")
        self.needed = dict(uses)

    def _stands(self, source: Source) -> None:
        if source.ref and source.commit != self.commits[-1]:
            raise RefusedError(Problem("P486", f"the tag is at {self.commits[-1]}"))

    def _judge(self, _environment: Any, candidate: Candidate, *_: Any) -> Judgement:
        if not self.refused:
            return Judgement("passed", (Finding("golden", "PASS", "20 rows"),))
        outcome = "emergency" if candidate.emergency else "refused"
        return Judgement(outcome, (Finding("golden", "FAIL", "no evidence", "trimtab check"),), candidate.emergency)

    def _prove(self, _status: Any, wanted: Deployment) -> Finding:
        fails = wanted.bundle in self.unproved
        return Finding("golden", "FAIL" if fails else "PASS", "golden rows differ" if fails else "20 rows")


def lives(port: Port, act: Any, *killers: Killer) -> BaseException | None:
    """One process after the other until it is killed, until one comes to its end: how that was.

    Nobody does again what has ended when its process was killed.
    """
    before = len(port.past.releases)
    for number, life in enumerate((*killers, *[Killer()] * 3)):
        owner = f"process {number}"
        try:
            partial(act, port)(port.means(owner, life))
        except (Killed, KilledWithin):
            port.dead.add(owner)
            if len(port.past.releases) > before and port.past.under_way is None:
                return None
        except RefusedError as error:
            return error
        else:
            return None
    raise AssertionError("it does not end")

"""A server with a flight on it, in memory: it refuses, counts and forgets as the real one does.

What the arms answer is scripted; the clock is the test's, and time goes on only when somebody sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, FlightStatus, bucket_of
from trimtab.core.traffic import Traffic, arm_of


@dataclass
class Clock:
    """Seconds since 1970; whoever sleeps lets the world go on."""

    now: float = 1_800_000_000.0
    world: Callable[[float], None] = lambda _: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.world(seconds)


@dataclass
class Arm:
    """Answers: a share of errors, and how long one takes."""

    errors: float = 0.0
    seconds: float = 0.005


@dataclass
class Server:
    """One endpoint. `log` has what happened, `gone` lets nobody through, `store` is what its name means on the disk."""

    clock: Clock
    rate: float = 20.0  # requests a second
    arms: dict[str, Arm] = field(default_factory=dict)
    champion: str = "sha256:old"
    endpoint: str = "churn"
    loading_s: float = 1.0
    fails: str = ""
    gone: bool = False
    fixed: bool = False
    chance: Random = field(default_factory=lambda: Random(7))
    store: str = "sha256:old"
    flight: str = ""
    promoted: str = ""  # the flight that was
    challenger: str = ""
    traffic: Traffic = field(default_factory=lambda: Traffic(""))
    counts: Counts = field(default_factory=Counts)
    bad: int = 0
    log: list[str] = field(default_factory=list)
    _since: float = 0.0
    _lease: float = 0.0
    _owed: float = 0.0

    def __post_init__(self) -> None:
        self.clock.world = self.passes

    def passes(self, seconds: float) -> None:
        """So much time: requests come, and a lease may end."""
        if self.flight and self.clock.now > self._lease and (self.traffic.share or self.traffic.shadow):
            self.traffic = replace(self.traffic, share=0.0, shadow=0.0)
            self.log.append("lease over")
        self._owed += seconds * self.rate
        while self._owed >= 1:
            self._owed -= 1
            self._ask()

    def _ask(self) -> None:
        if not self.flight:
            return
        name = arm_of(self.traffic, self.chance.randbytes(8))
        arm = self.arms.get(name, Arm())
        failed = self.chance.random() < arm.errors
        self.bad += failed and name == "challenger"
        self.counts = replace(self.counts, **{name: _more(getattr(self.counts, name), arm, failed=failed)})
        if name == "champion" and self.chance.random() < self.traffic.shadow:
            shadow, pair = self.arms.get("challenger", Arm()), self.chance.random()
            fails = pair < shadow.errors
            self.counts = replace(
                self.counts,
                mirrored=self.counts.mirrored + 1,
                failed=self.counts.failed + fails,
                compared=self.counts.compared + (not fails),
            )

    def serve(self, flight: str, challenger: str) -> None:
        """POST /v1/flights/{endpoint}."""
        self._answers()
        if self.flight and self.flight != flight:
            raise UserError(Problem("P361", f"flight `{self.flight}` is on"))
        if not self.flight:
            self.flight, self.challenger, self._since = flight, challenger, self.clock.now
            self.traffic, self.counts = Traffic(flight), Counts()
            self.log.append("loaded")

    def _answers(self) -> None:
        if self.gone:
            raise OutsideError(Problem("P428", "nobody answers"))

    def restart(self) -> None:
        """Everything that is not on the disk is forgotten."""
        self.champion, self.flight, self.challenger = self.store, "", ""


@dataclass
class Flown:
    """What a director has of it."""

    server: Server
    flight: str

    def start(self, challenger: str = "sha256:new") -> None:
        self.server.serve(self.flight, challenger)

    def status(self) -> FlightStatus | None:
        server = self.server
        server._answers()
        if server.flight != self.flight:
            return None
        state = "loading" if server.clock.now < server._since + server.loading_s else "ready"
        return FlightStatus(
            server.endpoint, server.champion, server.challenger, server.traffic, "failed" if server.fails else state,
            server.counts, server.fails, max(server._lease - server.clock.now, 0.0),
        )  # fmt: skip

    def steer(self, traffic: Traffic, lease_s: float) -> None:
        server = self.server
        self._must_be_on()
        assert traffic.flight == self.flight
        if (traffic.share or traffic.shadow) and self.status().state != "ready":
            raise UserError(Problem("P364", "the challenger is not ready"))
        if traffic != server.traffic:
            server.log.append(f"share {traffic.share:g}" + (f" shadow {traffic.shadow:g}" if traffic.shadow else ""))
        server.traffic, server._lease = traffic, server.clock.now + lease_s

    def promote(self) -> None:
        server = self.server
        server._answers()
        if server.promoted == self.flight:
            return
        self._must_be_on()
        if server.fixed:
            raise UserError(Problem("P365", "what the name means cannot be changed"))
        server.store = server.champion = server.challenger
        server.promoted, server.flight = self.flight, ""
        server.log.append("promoted")

    def end(self) -> None:
        server = self.server
        server._answers()
        if server.flight == self.flight:
            server.flight = server.challenger = ""
            server.log.append("ended")
        elif server.flight:
            raise UserError(Problem("P361", f"flight `{server.flight}` is on"))

    def _must_be_on(self) -> None:
        self.server._answers()
        if not self.server.flight:
            raise UserError(Problem("P362", "no flight is on"))
        if self.server.flight != self.flight:
            raise UserError(Problem("P361", f"flight `{self.server.flight}` is on"))


def _more(arm: ArmCounts, script: Arm, *, failed: bool) -> ArmCounts:
    buckets = list(arm.latency)
    buckets[min(bucket_of(script.seconds), len(LATENCY_S))] += 1
    return replace(arm, requests=arm.requests + 1, errors=arm.errors + failed, latency=tuple(buckets))

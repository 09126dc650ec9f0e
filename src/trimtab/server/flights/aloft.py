"""One flight as the supervisor has it."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.core.flights import FlightState, FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.server.endpoint import ServedBundle
from trimtab.server.flights.page import Course, Page
from trimtab.server.flights.tally import Layout, counts_of

__all__ = ["Aloft"]


@dataclass(slots=True)
class Aloft:
    """champion: a digest. due: when loading has taken too long, by the monotonic clock. deaths: it is blamed for."""

    id: str
    endpoint: str
    champion: str
    bundle: ServedBundle
    page: Page
    layout: Layout
    due: float
    state: FlightState = "loading"
    why: str = ""
    deaths: int = 0

    def fail(self, why: str) -> None:
        """It is asked nothing any more, for good."""
        self.state, self.why = "failed", why
        self.page.steer(Course(Traffic(self.id)))

    def status(self, now: float) -> FlightStatus:
        """What is said of it; a lease that has ended is said as no traffic, and why."""
        _, course = self.page.course()
        traffic, why = course.traffic, self.why
        if lapsed := self.lapsed(now):
            traffic = Traffic(traffic.flight, split=traffic.split)
            why = why or f"the lease ended {lapsed:.0f} s ago, and nobody has steered since"
        left_s = max(course.until - now, 0.0) if course.until else 0.0
        counts = counts_of(self.page.parts, self.layout)
        return FlightStatus(
            self.endpoint, self.champion, self.bundle.digest, traffic, self.state, counts, why, round(left_s, 3)
        )

    def lapsed(self, now: float) -> float:
        """Seconds since its lease has ended; 0 where it has not, or there is none."""
        _, course = self.page.course()
        return max(now - course.until, 1e-3) if course.until and now >= course.until else 0.0

"""All flights of a server, in its supervisor: one an endpoint, from the moment it is asked for until it is over.

 asked for ---> loading ---> ready ---> promoted: the name means the challenger, from one moment to the next
                   |           |------> ended: the champion answers everything
                   +-----------+------> failed: the same, until somebody ends it

What processes have of it is its page. They are replaced for a challenger to come and to go, by `takeover.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from trimtab.bundle.reference import parse_reference
from trimtab.core.errors import TrimtabError, UserError
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.server.faults import refused
from trimtab.server.flights.aloft import Aloft
from trimtab.server.flights.fit import require_fit
from trimtab.server.flights.page import Course, Page
from trimtab.server.flights.refusing import another_on, none_on, not_ready, one_and_the_same
from trimtab.server.flights.tally import Layout
from trimtab.server.logs import Log

if TYPE_CHECKING:
    from trimtab.server.changes import Shelf
    from trimtab.server.endpoint import ServedBundle

__all__ = ["LOADING_S", "Flights"]

LOADING_S: Final = 600.0  # for a challenger to load and answer its golden rows
_TIMES: Final = 4  # parts of a page for each process: a few generations may be there at once
_DEATHS: Final = 2  # of processes that a challenger in them may be to blame for
_SHOWN: Final = 100


class Flights:
    """Everything on the supervisor's thread; errors are P36x, P312."""

    def __init__(self, shelf: Shelf, processes: int, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        """processes: serving ones."""
        self._shelf, self._parts, self._log, self._clock = shelf, processes * _TIMES, log, clock
        self._aloft: dict[str, Aloft] = {}
        self._over: dict[
            str, tuple[str, bool]
        ] = {}  # by endpoint, the flight that was the last, and if it was promoted
        self._lapsed: set[str] = set()  # flights whose lease was seen to have ended

    def begin(self, endpoint: str, served: ServedBundle | None, flight: str, challenger: str) -> bool:
        """Have a challenger beside what is served; whether that is new. It is asked nothing yet."""
        one = self._aloft.get(endpoint)
        if one is not None and one.id == flight:
            return False
        self.require_none(endpoint)
        if served is None:
            raise refused("P312", f"no model `{endpoint[:_SHOWN]}`", hint="a flight needs a champion that is served")
        bundle = self._found(endpoint, challenger)
        if bundle.digest == served.digest:
            raise one_and_the_same(challenger)
        require_fit(served.signature, bundle.signature, f"`{challenger[:_SHOWN]}`")
        self._shelf.mean(endpoint, served.digest)  # what was packaged since is no champion yet, nor after a restart
        layout = Layout.of(served.signature.outputs)
        page = Page(Course(Traffic(flight)), self._parts, layout.width)
        due = self._clock() + LOADING_S
        self._aloft[endpoint] = Aloft(flight, endpoint, served.digest, bundle, page, layout, due)
        return True

    def _found(self, endpoint: str, challenger: str) -> ServedBundle:
        wanted = parse_reference(challenger)
        hint = f"`{endpoint}:ALIAS` or `sha256:DIGEST`"
        if wanted is None or wanted.name not in ("", endpoint):
            raise refused("P363", f"`{challenger[:_SHOWN]}` is no bundle of `{endpoint}` in the store", hint=hint)
        bundle = self._shelf.another(challenger)
        if bundle.name != endpoint:
            raise refused("P363", f"the challenger has the name `{bundle.name}`, not `{endpoint}`", hint=hint)
        return bundle

    def require_none(self, endpoint: str) -> None:
        """UserError P361 where a flight is on."""
        one = self._aloft.get(endpoint)
        if one is not None:
            raise another_on(endpoint, one.id)

    def _on(self, endpoint: str, flight: str) -> Aloft:
        one = self._aloft.get(endpoint)
        if one is None:
            raise none_on(endpoint)
        if one.id != flight:
            self.require_none(endpoint)
        return one

    def wanted(self, endpoint: str, flight: str) -> bool:
        """Whether it is worth to go on loading its challenger."""
        one = self._aloft.get(endpoint)
        return one is not None and one.id == flight and self._clock() < one.due

    def loaded(self, endpoint: str, flight: str, error: TrimtabError | None) -> None:
        """All processes have the challenger, or none has."""
        one = self._aloft.get(endpoint)
        if one is None or one.id != flight:
            return
        if error is None:
            one.state = "ready"
            self._log("flight ready", {"level": "info", "model": endpoint, "flight": flight})
        else:
            why = "; ".join(problem.what for problem in error.problems)
            self._fail(one, why if self._clock() < one.due else f"it has not loaded within {LOADING_S:g} s")

    def _fail(self, one: Aloft, why: str) -> None:
        one.fail(why)
        self._log("flight failed", {"level": "error", "model": one.endpoint, "flight": one.id, "why": why})

    def steer(self, endpoint: str, traffic: Traffic, lease_s: float) -> bool:
        """From now on the traffic goes there, until the lease ends; whether that is another way than before."""
        one = self._on(endpoint, traffic.flight)
        if (traffic.share or traffic.shadow) and one.state != "ready":
            raise _unready(one)
        if traffic.split.by == "column" and all(traffic.split.name != one.name for one in one.bundle.signature.inputs):
            raise refused("P310", f"no input `{traffic.split.name[:_SHOWN]}` to split by", "split")
        now = self._clock()
        before = one.status(now).traffic
        try:
            one.page.steer(Course(traffic, now + lease_s if traffic.share or traffic.shadow else 0.0))
        except ValueError as error:
            raise refused("P310", str(error)) from None
        self._lapsed.discard(one.id)
        return traffic != before

    def status(self, endpoint: str) -> FlightStatus:
        """What is known of the flight that is on."""
        one = self._aloft.get(endpoint)
        if one is None:
            raise none_on(endpoint)
        return one.status(self._clock())

    def promotable(self, endpoint: str, flight: str) -> bool:
        """Whether there is something to promote; False where that is done already."""
        if endpoint not in self._aloft and self._over.get(endpoint) == (flight, True):
            return False
        one = self._on(endpoint, flight)
        if one.state != "ready":
            raise _unready(one)
        return True

    def promote(self, endpoint: str, flight: str) -> ServedBundle | None:
        """The challenger is what the name means: first on the disk, then in all processes; None as `promotable`."""
        if not self.promotable(endpoint, flight):
            return None
        one = self._aloft[endpoint]
        if not self._shelf.mean(endpoint, one.bundle.digest):
            hint = f"serve it by its name: `trimtab serve {endpoint}`"
            raise refused("P365", f"what `{endpoint}` means to this server cannot be changed", hint=hint)
        one.page.steer(Course(Traffic(flight), promoted=True))
        self._close(one, promoted=True)
        return one.bundle

    def end(self, endpoint: str, flight: str) -> bool:
        """No challenger any more; whether there was one. What has ended, or was never heard of, has ended."""
        one = self._aloft.get(endpoint)
        if one is None:
            return False
        self._on(endpoint, flight)
        one.page.steer(Course(Traffic(flight)))
        self._close(one, promoted=False)
        return True

    def _close(self, one: Aloft, *, promoted: bool) -> None:
        del self._aloft[one.endpoint]
        self._over[one.endpoint] = (one.id, promoted)
        self._lapsed.discard(one.id)
        what = "flight promoted" if promoted else "flight ended"
        self._log(what, {"level": "info", "model": one.endpoint, "flight": one.id, "challenger": one.bundle.digest})
        one.page.close()

    def carried(self, also: str = "") -> Mapping[str, Aloft]:
        """Those whose challengers a process is to have that is born now; also: that of an endpoint that is loading."""
        return {name: one for name, one in self._aloft.items() if one.state == "ready" or name == also}

    def champions(self) -> frozenset[str]:
        """Endpoints whose bundle stays what it is, whatever their name means."""
        return frozenset(self._aloft)

    def look(self, unfit: Mapping[str, str]) -> None:
        """Each turn: a challenger that a process cannot ask any more has failed; leases that end are said once."""
        now = self._clock()
        for one in self._aloft.values():
            why = unfit.get(f"{one.endpoint}@{_version(one.bundle.digest)}", "") if one.state == "ready" else ""
            if why:
                self._fail(one, why)
            if one.id not in self._lapsed and one.lapsed(now):
                self._lapsed.add(one.id)
                self._log("flight lapsed", {"level": "warning", "model": one.endpoint, "flight": one.id})

    def died(self, state: str) -> None:
        """A process that had challengers has ended by itself: while it loaded, or as one that answered."""
        for one in self._aloft.values():
            if one.state == "ready" and (state == "loading" or one.bundle.inline):
                one.deaths += 1
                if one.deaths >= _DEATHS:
                    self._fail(one, "processes that have it end by themselves")


def _version(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


def _unready(one: Aloft) -> UserError:
    return not_ready(one.id, one.why, loading=one.state == "loading")

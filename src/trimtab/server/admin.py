"""The control plane: which models there are, and which of them are served (the protocol's repository extension).

What is asked and answered, without a framework; `admin_listener` puts it behind one. It is a second listener, never the
one that answers predictions. Every change, and every request that is refused, is written down.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeVar

import msgspec

from trimtab.core.errors import Problem, TrimtabError, UserError
from trimtab.server.dialects.body import decode
from trimtab.server.faults import BROKEN, STATUS, OverloadedError, TurnedAwayError, problem_answer, refused
from trimtab.server.flights.control import FLIGHTS, Wanted
from trimtab.server.flights.orders import FlightOrder, Reply
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.pages import page_fault
from trimtab.server.guard.peer import LOCAL, Peer
from trimtab.server.guard.principal import NOBODY, Principal, Scope
from trimtab.server.logs import Log, describe
from trimtab.server.views import server_facts
from trimtab.server.wire import Answer

__all__ = ["NOT_LOADED", "ROUTES", "Ask", "Control", "Entry", "Repository", "State", "Way"]

T = TypeVar("T")
State: TypeAlias = Literal["READY", "LOADING", "UNLOADING", "UNAVAILABLE", "UNKNOWN"]
NOT_LOADED: Final = "not loaded"  # the reason of a model that nobody has asked for
_SHOWN: Final = 100
_WAITING: Final = 8  # changes that wait at once: each takes a thread
_HOSTS: Final = "its names are `[server] hosts` of trimtab.toml"
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the repository, served or not; `reason` says why it is in this state."""

    name: str
    state: State
    version: str = ""
    reason: str = ""


class Repository(Protocol):
    """The models that there are. Called by threads, by one at a time for a change; blocks; raises TrimtabError."""

    def index(self) -> Sequence[Entry]:
        """Every model by name, also those that are not served."""

    def load(self, name: str) -> None:
        """Serve it, or serve its latest bundle; returns when it answers. P312 for a name that there is none of."""

    def unload(self, name: str) -> None:
        """Serve it no longer; returns when what was taken is answered. P312 as above."""

    def fly(self, order: FlightOrder) -> Reply:
        """See `Flying`; of these, several may be asked at once."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the model's name where the route has one; `caller` is known once it is let in.

    query: what stands behind the path.
    """

    headers: Mapping[bytes, bytes]
    body: bytes
    name: str = ""
    peer: Peer = LOCAL
    caller: Principal = NOBODY
    query: Mapping[str, str] = field(default_factory=dict)


class _Change(msgspec.Struct):
    parameters: dict[str, Any] = {}


class _Index(msgspec.Struct):
    ready: bool = False


_CHANGE: Final = msgspec.json.Decoder(_Change)
_INDEX: Final = msgspec.json.Decoder(_Index)


class Control:
    """Answers for one repository; never raises. routes: what it is asked by."""

    routes: Mapping[str, Way]  # ROUTES, see below

    def __init__(self, repository: Repository, log: Log, guard: Guard, hosts: Sequence[str] = ()) -> None:
        """hosts: names it may be called by, beside every loopback one."""
        self._repository = repository
        self._log = log
        self._guard = guard
        self._hosts = frozenset(map(str.lower, hosts))
        self._changing = threading.Lock()
        self._places = threading.BoundedSemaphore(_WAITING)

    def answer(self, route: str, ask: Ask) -> Answer:
        """The answer to a request of one of `routes`."""
        try:
            return self.routes[route].handle(self, self._let_in(route, ask))
        except TrimtabError as error:
            fallback = 400 if isinstance(error, UserError) else 500
            status = STATUS.get(error.problems[0].code, fallback)
            headers = error.headers if isinstance(error, TurnedAwayError) else ()
            return problem_answer(error.problems, headers=headers, status=status)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            self._log("control request failed", {"level": "error", **describe(error)})
            return problem_answer((BROKEN,))

    def _let_in(self, route: str, ask: Ask) -> Ask:
        """The request with its caller, who may send it; raises TurnedAwayError."""
        guard, way, headers, peer = self._guard, self.routes[route], ask.headers, ask.peer
        method = route.partition(" ")[0].encode()
        fault = page_fault(method, headers, self._hosts, everybody=way.scope is not None)
        if fault:
            raise guard.turned(Problem("P330", fault, hint=_HOSTS), "page", peer, headers)
        if way.scope is None:
            return ask
        caller = guard.insist(headers, peer)
        guard.require(caller, way.scope, ask.name, headers, peer)
        return replace(ask, caller=caller)

    def index(self, ask: Ask) -> Answer:
        """The models, or those that are ready."""
        only_ready = _given(_INDEX, ask.body).ready
        found = [entry for entry in self._repository.index() if entry.state == "READY" or not only_ready]
        return Answer(200, _encode(found))

    def load(self, ask: Ask) -> Answer:
        """Load or renew one model; a model is what its bundle says, so nothing of it can be given here."""
        self._change("load", self._repository.load, ask)
        return Answer(200, b"{}")

    def unload(self, ask: Ask) -> Answer:
        """Unload one model; models of ours have no dependents."""
        self._change("unload", self._repository.unload, ask)
        return Answer(200, b"{}")

    def _change(self, what: str, change: Callable[[str], None], ask: Ask) -> None:
        strange = _given(_CHANGE, ask.body).parameters.keys() - {"unload_dependents"}
        if strange:
            said = f"parameter `{min(strange)[:_SHOWN]}` is not taken"
            raise refused("P310", said, hint="a model is what its bundle says: package another one")
        if not self._places.acquire(blocking=False):
            raise OverloadedError(Problem("P317", f"{_WAITING} changes wait already"))
        outcome = "failed"
        try:
            with self._changing:
                change(ask.name)
            outcome = "done"
        except TrimtabError as error:
            outcome = error.problems[0].code
            raise
        finally:
            self._places.release()
            client = self._guard.client(ask.headers, ask.peer)
            self._guard.audit.control(ask.caller.name, what, ask.name, client, outcome)

    def fly(self, ask: Ask, wanted: Callable[[Mapping[str, str], str, bytes], Wanted]) -> Answer:
        """A request about the flight of an endpoint; see `flights/control.py`."""
        order, answer = wanted(ask.query, ask.name, ask.body)
        outcome = "failed"
        changed: Reply = True
        try:
            changed = self._repository.fly(order)
            outcome = "done"
        except TrimtabError as error:
            outcome = error.problems[0].code
            raise
        finally:
            if order.do != "status" and changed:  # a lease that is prolonged changes nothing
                client = self._guard.client(ask.headers, ask.peer)
                what = f"flight {order.do}"
                self._guard.audit.control(ask.caller.name, what, ask.name, client, outcome)
        return answer(changed)

    def ready(self, _ask: Ask) -> Answer:
        """Whether every model that is served can answer, and none is on its way."""
        return self._state(
            all(entry.state == "READY" or entry.reason == NOT_LOADED for entry in self._repository.index())
        )

    def model_ready(self, ask: Ask) -> Answer:
        """Whether this model can answer."""
        found = [entry for entry in self._repository.index() if entry.name == ask.name]
        if not found:
            raise refused("P312", f"no model `{ask.name[:_SHOWN]}`")
        return self._state(found[0].state == "READY", ask.name)

    @staticmethod
    def _state(ready: bool, name: str = "") -> Answer:  # noqa: FBT001 - it is the whole matter
        return Answer(200 if ready else 503, _encode({"name": name, "ready": ready} if name else {"ready": ready}))

    def server(self, _ask: Ask) -> Answer:
        """Server metadata, with the extension that is served here."""
        facts = server_facts()
        return Answer(200, _encode(facts | {"extensions": [*facts["extensions"], "model_repository"]}))

    def live(self, _ask: Ask) -> Answer:
        """The control plane answers."""
        return Answer(200, _encode({"live": True}))


@dataclass(frozen=True, slots=True)
class Way:
    """What a route needs of its callers (None: nothing), and what answers."""

    scope: Scope | None
    handle: Callable[[Control, Ask], Answer]


ROUTES: Final[Mapping[str, Way]] = {
    "POST /v2/repository/index": Way("read", Control.index),
    "POST /v2/repository/models/{name}/load": Way("operate", Control.load),
    "POST /v2/repository/models/{name}/unload": Way("operate", Control.unload),
    **{way.route: Way(way.scope, partial(Control.fly, wanted=way.wanted)) for way in FLIGHTS},
    "GET /v2": Way("read", Control.server),
    "GET /v2/health/live": Way(None, Control.live),
    "GET /v2/health/ready": Way(None, Control.ready),
    "GET /v2/models/{name}/ready": Way("read", Control.model_ready),
}
Control.routes = ROUTES


def _given(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """What the body says; no body says nothing."""
    return decode(decoder, body or b"{}")

"""Who calls over gRPC, and whether it may: the same guard as everywhere, asked by the threads that answer calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server.dataplane import DataPlane, InferRequest, InferResponse
from trimtab.server.faults import OverloadedError, TurnedAwayError, detailed
from trimtab.server.flights.arms import Asked, Turn
from trimtab.server.flights.picking import assigned
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import ANYBODY, NOBODY, Principal, Scope
from trimtab.server.journal.trail import Trail, name_of

__all__ = ["Entrance", "Peers", "Visit", "retry_ms", "told"]

_SCHEME: Final = "unix-abstract:"
_READ: Final = frozenset({"authorization", "x-api-key", "forwarded", "x-forwarded-for"})
_BUSY_MS: Final = 1000
# who is linked by the socket of that abstract name; None for one that is not the front's
Peers: TypeAlias = Callable[[str], Peer | None]


@dataclass(slots=True)
class Visit:
    """One call while it is answered: who is there, and against whose share it counts."""

    peer: Peer
    headers: Mapping[bytes, bytes]
    caller: Principal = NOBODY
    model: str = ""
    share: str = field(default="", init=False)
    id: str = field(default="", init=False)  # of the interaction that it is
    trail: Trail | None = field(default=None, init=False)  # what is to be kept of it
    turn: Turn | None = field(default=None, init=False)  # which arm of a flight it has
    beside: bool = field(default=False, init=False)  # it has one of the places that a challenger may take

    def told(self, response: InferResponse) -> None:
        """What the model has answered."""
        if self.turn is not None:
            self.turn.outputs = response.outputs

    @property
    def flown(self) -> tuple[tuple[str, str], ...]:
        """What the answer says of a flight."""
        headers = () if self.turn is None else self.turn.headers
        return tuple((name.decode(), value.decode()) for name, value in headers)


class Entrance:
    """Asked before a message is read; any thread may ask."""

    def __init__(self, guard: Guard, peers: Peers, beside: int = 8) -> None:
        """peers: the front's. beside: calls that may wait for challengers at once; each takes a thread."""
        self._guard = guard
        self._peers = peers
        self._beside = threading.BoundedSemaphore(beside)

    def peer(self, context: Any) -> Peer | None:
        """Who calls; None for whoever has found grpcio's socket and asks there himself: he has passed nobody."""
        return self._peers(context.peer().removeprefix(_SCHEME))

    def visit(self, context: Any, peer: Peer, scope: Scope | None) -> Visit:
        """A call of somebody who is known, if that is needed; raises TurnedAwayError."""
        visit = Visit(peer, _read(context.invocation_metadata()))
        if scope is not None:
            visit.caller = self._guard.insist(visit.headers, peer)
        elif not self._guard.asks:
            visit.caller = ANYBODY
        return visit

    def let_in(self, visit: Visit, scope: Scope | None, model: str) -> None:
        """Whether it may do that with the model, and has a share left; raises TurnedAwayError."""
        visit.model = model
        if scope is not None:
            self._guard.require(visit.caller, scope, model, visit.headers, visit.peer)
        if scope == "infer":
            visit.share = self._guard.begin(visit.caller, visit.headers, visit.peer)

    def rows(self, visit: Visit, rows: int) -> None:
        """So many are asked about; raises TurnedAwayError."""
        if visit.share:
            self._guard.rows(visit.share, rows, visit.headers, visit.peer)

    def assign(self, visit: Visit, plane: DataPlane, context: Any, request: InferRequest, own_id: str) -> InferRequest:
        """The request with the arm that answers, where a flight is on; raises what `assigned` raises.

        Raises OverloadedError where too many wait for a challenger already, for it must not take all threads.
        """
        endpoint = plane.endpoints.get(visit.model)
        arms = None if endpoint is None else endpoint.arms
        if arms is None:
            return request
        headers = _joined(context.invocation_metadata())
        revision = arms.revision(request.version) if request.version else None
        asked = Asked(request, visit.id or own_id, name_of(visit.caller), headers, revision)
        visit.turn = turn = assigned(arms, asked, self._guard, visit.caller, visit.peer)
        if visit.trail is not None:
            visit.trail.flown(turn.endpoint, turn.arm, turn.probability)
        arms.wait(turn)
        if turn.arm == "challenger":
            visit.beside = self._beside.acquire(blocking=False)
            if not visit.beside:
                raise OverloadedError(Problem("P317", f"too many wait for the challenger of `{visit.model}` already"))
        return turn.request

    def end(self, visit: Visit) -> None:
        """It is answered."""
        if visit.beside:
            visit.beside = False
            self._beside.release()
        if visit.share:
            self._guard.end(visit.share)


def told(error: TrimtabError, visit: Visit | None) -> tuple[Problem, ...]:
    """What the caller learns of the error: details if it operates the model, names of others if it may read."""
    if visit is None:
        return error.problems
    problems = detailed(error, visit.caller, visit.model)
    return problems if visit.caller.may("read") else tuple(replace(one, hint=_silent(one)) for one in problems)


def _silent(problem: Problem) -> str:
    return "" if problem.code == "P312" else problem.hint


def retry_ms(error: TrimtabError) -> int:
    """When it is worth to ask again, in milliseconds."""
    headers = dict(error.headers) if isinstance(error, TurnedAwayError) else {}
    return int(headers.get(b"retry-after", b"0")) * 1000 or _BUSY_MS


def _read(metadata: Iterable[tuple[str, str | bytes]]) -> dict[bytes, bytes]:
    """Those headers that the guard reads."""
    return _joined((name, value) for name, value in metadata if name in _READ)


def _joined(metadata: Iterable[tuple[str, str | bytes]]) -> dict[bytes, bytes]:
    """Texts, joined as HTTP's headers are."""
    found: dict[bytes, bytes] = {}
    for name, value in metadata:
        if isinstance(value, str):
            key, text = name.encode(), value.encode("latin-1", "replace")
            found[key] = found[key] + b", " + text if key in found else text
    return found

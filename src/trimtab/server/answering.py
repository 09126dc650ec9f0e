"""One request from its route to its answer: whose it is, what is asked for it, and where it is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import DataPlane, InferResponse
from trimtab.server.dialects import Events, Exchange
from trimtab.server.dialects.coding import Later
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import BROKEN, TooLateError, error_answer, problem_answer
from trimtab.server.flights.arms import Arms, Asked, Turn
from trimtab.server.flights.picking import assigned
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import NOBODY, Principal
from trimtab.server.inflating import Inflating
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.saying import Said
from trimtab.server.journal.trail import Trail, name_of
from trimtab.server.journal.unkept import REFUSED, called_by, unkept
from trimtab.server.logs import describe, heads_of
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.streaming import Ids, Stream
from trimtab.server.wire import Answer, Request

__all__ = ["Answering", "Around", "Send"]

Send: TypeAlias = Callable[[Answer], None]
_SHOWN: Final = 200
_VERSIONS: Final = b"/versions/"


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for every request of a server."""

    plane: DataPlane
    guard: Guard
    clock: Callable[[], float]


class Answering:
    """What is known of one request while it is answered."""

    __slots__ = (
        "_bound", "_clock", "_guard", "_plane", "_send", "_start", "caller", "exchange", "http", "id", "peer", "place",
        "share", "trail", "turn",
    )  # fmt: skip

    def __init__(
        self, around: Around, http: Request, peer: Peer, counted: tuple[Bound | None, Place], own_id: str, send: Send
    ) -> None:
        """counted: the route, and where its requests are counted."""
        self._plane, self._guard, self._clock = around.plane, around.guard, around.clock
        self._start = around.clock()
        self.http, self.peer = http, peer
        self._bound, self.place = counted
        self._send = send
        self.id = own_id
        self.caller: Principal = NOBODY
        self.share = ""  # whose share it counts against
        self.exchange: Exchange | None = None
        self.trail: Trail | None = None  # what is to be kept of it
        self.turn: Turn | None = None  # which arm of a flight it has

    @property
    def _model(self) -> str:
        return "" if self._bound is None else self._bound.model

    def known(self, caller: Principal) -> None:
        """Who asks, and may."""
        self.caller = caller
        bound, recorder = self._bound, self._plane.recorder
        if recorder is not None and bound is not None and bound.scope == "infer" and bound.endpoint is not None:
            self.trail = trail = recorder.begin(caller, bound.endpoint, bound.dialect)
            self.id = trail.id

    def ask(self, exchange: Exchange) -> Call | None:
        """Ask the model; what it says is the answer, at once or in parts."""
        if self.share:
            rows = max(map(len, exchange.request.columns.values()), default=0)
            self._guard.rows(self.share, rows, self.http.headers, self.peer)
        if self.trail is not None and (called := called_by(exchange.request.id, self.id, self.http.headers)):
            self.trail.request_id = called
        bound = self._bound
        if bound is not None and bound.endpoint is not None and bound.endpoint.arms is not None:
            exchange = self._assigned(bound.endpoint, bound.endpoint.arms, exchange)
        if exchange.events is not None:
            stream = self._streamed(exchange.events, exchange.request.id)
            return self._plane.start(exchange.request, stream.answered, stream.heard, self.trail)
        self.exchange = exchange
        return self._plane.start(exchange.request, self.answered, None, self.trail)

    def resume(self, caller: Principal, since: float, exchange: Exchange, trail: Trail | None) -> None:
        """It has waited for the model's answer since then, without this; `answered` is told it."""
        self.caller, self._start, self.exchange, self.trail = caller, since, exchange, trail

    def _assigned(self, endpoint: Endpoint, arms: Arms, exchange: Exchange) -> Exchange:
        """A flight is on: the exchange with the arm that answers."""
        revision = endpoint if _VERSIONS in self.http.path else None
        asked = Asked(exchange.request, self.id, name_of(self.caller), self.http.headers, revision)
        self.turn = turn = assigned(arms, asked, self._guard, self.caller, self.peer)
        if self.trail is not None:
            self.trail.flown(turn.endpoint, turn.arm, turn.probability)
        if exchange.events is None:
            arms.wait(turn)
        return exchange if turn.arm == "champion" else replace(exchange, request=turn.request)

    def say(self, said: Said) -> None:
        """Keep what the caller says of answers that it got; then it is told so."""
        recorder = self._plane.recorder
        assert recorder is not None  # noqa: S101 - there is something to keep where it is kept; mypy does not see it

        def told(outcome: Outcome) -> None:
            self.count(answer.status if outcome == "kept" else 503)
            self._send(answer if outcome == "kept" else problem_answer((REFUSED,), self.id))

        answer = said.answer
        outcome = recorder.scribe.keep_all(said.frames, told)
        if outcome is not None:
            told(outcome)

    def inflating(self, later: Later) -> Inflating:
        """The same when the body is whole."""

        def in_time() -> None:
            if self._clock() - self._start > self._plane.settings.answer_timeout_s:
                raise TooLateError(Problem("P319", "the body was not inflated in the time that this server allows"))

        return Inflating(later, self.ask, lambda error: self.finish(self.failed(error)), in_time)

    def answered(self, result: InferResponse | TrimtabError) -> None:
        """What the model says becomes the answer."""
        exchange = self.exchange
        assert exchange is not None  # noqa: S101 - nobody is asked before; mypy does not see it
        if isinstance(result, TrimtabError):
            self._failing(result)
            answer = error_answer(result, exchange.request.id, self.caller, self._model)
        else:
            if self.turn is not None:
                self.turn.outputs = result.outputs
            try:
                answer = exchange.encode(result)
            except Exception as error:  # noqa: BLE001 - as in `App.answer`
                answer = self.failed(error)
        self.finish(answer)

    def failed(self, error: Exception) -> Answer:
        """What to say of an error; one of ours is logged."""
        if self.turn is not None:
            self.turn.refused(error)
        if isinstance(error, TrimtabError):
            self._failing(error)
            return error_answer(error, self.id, self.caller, self._model)
        self._failing(None)
        self._plane.log("request failed", {"level": "error", "id": self.id, **describe(error)})
        return problem_answer((BROKEN,), self.id)

    def _streamed(self, events: Events, request_id: str) -> Stream:
        """What takes the model's parts one by one, instead of `answered`."""
        ids = Ids(self.id, request_id)
        stream = Stream(events, ids, self._plane.log, self._send, self._ended, chunked=not self.http.old)
        stream.trail = self.trail
        if self.turn is not None:
            stream.headers = self.turn.headers
        return stream

    def _failing(self, error: TrimtabError | None) -> None:
        if self.trail is not None:
            self.trail.error = BROKEN.code if error is None else error.problems[0].code

    def _ended(self, status: int, go_on: Callable[[Outcome], None]) -> None:
        """A streamed answer is about to end."""

        def told(outcome: Outcome) -> None:
            self.count(status)
            go_on(outcome)

        trail, recorder = self.trail, self._plane.recorder
        outcome: Outcome | None = "kept"
        if trail is not None and recorder is not None:
            outcome = recorder.end(trail, status, self._clock() - self._start, told)
        if outcome is not None:
            told(outcome)

    def count(self, status: int) -> None:
        """An answer has ended with this status."""
        seconds = self._clock() - self._start
        self._plane.metrics.end_at(self.place, status, seconds)
        if self.turn is not None:
            self.turn.ended(status, seconds)
        if self.share:
            self._guard.end(self.share)
            self.share = ""
        if self._plane.settings.access_log:
            self._note(status, seconds)

    def _note(self, status: int, seconds: float) -> None:
        """A line of the log for the request; nothing of what it brought but headers that are known to be harmless."""
        http, request = self.http, self.exchange and self.exchange.request
        said = {
            "id": request.id if request else self.id,
            "method": http.method.decode("latin-1"),
            "path": http.path[:_SHOWN].decode("latin-1"),
            "status": status,
            "ms": round(seconds * 1000, 3),
            "caller": self.caller.name,
            "client": self._guard.client(http.headers, self.peer),
            "headers": heads_of(http.headers),
        }
        self._plane.log("request", said)

    def finish(self, answer: Answer) -> None:
        """Keep it, count it and send it."""
        trail, recorder = self.trail, self._plane.recorder
        outcome: Outcome | None = "kept"
        if trail is not None and recorder is not None:
            seconds = self._clock() - self._start
            outcome = recorder.end(trail, answer.status, seconds, lambda outcome: self._leave(answer, outcome))
        if outcome is not None:
            self._leave(answer, outcome)

    def _leave(self, answer: Answer, outcome: Outcome) -> None:
        bound = self._bound
        if bound is not None and bound.scope == "infer":
            answer = answer.called(self.id, *(self.turn.headers if self.turn is not None else ()))
            if outcome != "kept":
                answer = unkept(answer, outcome, self.id)
        self.count(answer.status)
        self._send(answer)
        if self.turn is not None:
            self.turn.left(self.id, self.caller)

    def gone(self, error: TrimtabError) -> None:
        """Nobody waits for it any more."""
        self.finish(self.failed(error))

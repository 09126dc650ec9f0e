"""One request from its route to its answer: whose it is, what is asked for it, and where it is counted."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import DataPlane, InferResponse
from trimtab.server.dialects import Events, Exchange
from trimtab.server.dialects.coding import Later
from trimtab.server.faults import BROKEN, TooLateError, error_answer, problem_answer
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import NOBODY, Principal
from trimtab.server.inflating import Inflating, Owed
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.saying import Said
from trimtab.server.journal.trail import Trail
from trimtab.server.journal.unkept import REFUSED, called_by, unkept
from trimtab.server.logs import describe, heads_of
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.streaming import Ids, Stream
from trimtab.server.wire import Answer, Request

__all__ = ["Answering", "Around", "Send", "Waiting", "in_loop"]

Send: TypeAlias = Callable[[Answer], None]
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for every request of a server."""

    plane: DataPlane
    guard: Guard
    clock: Callable[[], float]


class Answering:
    """What is known of one request while it is answered."""

    __slots__ = (
        "_bound", "_clock", "_guard", "_place", "_plane", "_send", "_start", "caller", "exchange", "http", "id", "peer",
        "share", "trail",
    )  # fmt: skip

    def __init__(
        self, around: Around, http: Request, peer: Peer, counted: tuple[Bound | None, Place], own_id: str, send: Send
    ) -> None:
        """counted: the route, and where its requests are counted."""
        self._plane, self._guard, self._clock = around.plane, around.guard, around.clock
        self._start = around.clock()
        self.http, self.peer = http, peer
        self._bound, self._place = counted
        self._send = send
        self.id = own_id
        self.caller: Principal = NOBODY
        self.share = ""  # whose share it counts against
        self.exchange: Exchange | None = None
        self.trail: Trail | None = None  # what is to be kept of it

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
        if exchange.events is not None:
            stream = self._streamed(exchange.events, exchange.request.id)
            return self._plane.start(exchange.request, stream.answered, stream.heard, self.trail)
        self.exchange = exchange
        return self._plane.start(exchange.request, self._answered, None, self.trail)

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

    def _answered(self, result: InferResponse | TrimtabError) -> None:
        """What the model says becomes the answer."""
        exchange = self.exchange
        assert exchange is not None  # noqa: S101 - nobody is asked before; mypy does not see it
        if isinstance(result, TrimtabError):
            self._failing(result)
            answer = error_answer(result, exchange.request.id, self.caller, self._model)
        else:
            try:
                answer = exchange.encode(result)
            except Exception as error:  # noqa: BLE001 - as in `App.answer`
                answer = self.failed(error)
        self.finish(answer)

    def failed(self, error: Exception) -> Answer:
        """What to say of an error; one of ours is logged."""
        if isinstance(error, TrimtabError):
            self._failing(error)
            return error_answer(error, self.id, self.caller, self._model)
        self._failing(None)
        self._plane.log("request failed", {"level": "error", "id": self.id, **describe(error)})
        return problem_answer((BROKEN,), self.id)

    def _streamed(self, events: Events, request_id: str) -> Stream:
        """What takes the model's parts one by one, instead of `_answered`."""
        ids = Ids(self.id, request_id)
        stream = Stream(events, ids, self._plane.log, self._send, self._ended, chunked=not self.http.old)
        stream.trail = self.trail
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
        self._plane.metrics.end_at(self._place, status, seconds)
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
            answer = answer.called(self.id)
            if outcome != "kept":
                answer = unkept(answer, outcome, self.id)
        self.count(answer.status)
        self._send(answer)

    def gone(self, error: TrimtabError) -> None:
        """Nobody waits for it any more."""
        self.finish(self.failed(error))


class Waiting:
    """A request whose sender is not known yet; then what is owed to it."""

    __slots__ = ("_gone", "_next", "_owed")

    def __init__(self, begin: Callable[[], Owed | None], gone: Callable[[TrimtabError], None]) -> None:
        """begin: asks once more; gone: told if nobody waits any more."""
        self._next: Callable[[], Owed | None] | None = begin
        self._gone = gone
        self._owed: Owed | None = None

    def go_on(self) -> None:
        """Ask once more who it is."""
        begin, self._next = self._next, None
        if begin is not None:
            self._owed = begin()

    def settle(self, result: TrimtabError) -> None:
        """See `Owed`."""
        if self._owed is not None:
            self._owed.settle(result)
        elif self._next is not None:
            self._next = None
            self._gone(result)


def in_loop(loop: AbstractEventLoop, job: Callable[[], None]) -> None:
    """Run the job on the loop's thread; nothing where the loop has ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(job)

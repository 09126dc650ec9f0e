"""One streamed answer between the model and the connection: at most one event waits here, and then the model waits.

What goes wrong ahead of the first part is an ordinary answer; what goes wrong later is the last event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import OutsideError, TrimtabError
from trimtab.server.batching.call import StreamCall
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import Events
from trimtab.server.dialects.events import EVENTS
from trimtab.server.faults import BROKEN, Headers, error_answer, problem_answer
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.trail import Trail
from trimtab.server.journal.unkept import REFUSED
from trimtab.server.logs import Log, describe
from trimtab.server.wire import Answer, serialise

__all__ = ["Ended", "Ids", "Sink", "Stream", "Streamed", "chunk", "head"]

# told the bytes of an event, and whether it is the last one
Sink: TypeAlias = Callable[[bytes, bool], None]
Ended: TypeAlias = Callable[[int, Callable[[Outcome], None]], None]
_OK: Final = 200
_LAST: Final = b"0\r\n\r\n"
# nobody on the way keeps it, or keeps a part until more have come (which nginx does unless it is told not to)
_HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))
_NO_BODY: Final = b"content-length: 0\r\n\r\n"


class Streamed(Answer, frozen=True, kw_only=True):
    """The beginning of an answer whose body comes from the stream."""

    stream: Stream


def head(answer: Answer, *, keep_alive: bool, chunked: bool, date: bytes = b"") -> bytes:
    """The bytes in front of the body; one that is not chunked ends with the connection (HTTP/1.0)."""
    whole = serialise(answer, keep_alive=keep_alive and chunked, date=date)
    return whole.removesuffix(_NO_BODY) + (b"transfer-encoding: chunked\r\n\r\n" if chunked else b"\r\n")


def chunk(data: bytes, *, last: bool) -> bytes:
    """The data as a chunk (RFC 9112, section 7.1), with the end of the body behind the last one."""
    return b"%x\r\n%b\r\n%b" % (len(data), data, _LAST if last else b"")


class Ids(NamedTuple):
    """How a request is called by this server, and by who asks."""

    own: str
    given: str


class Stream:
    """`heard` and `answered` are for the data plane; `flow`, `go_on` are for the connection."""

    def __init__(
        self,
        events: Events,
        ids: Ids,
        log: Log,
        send: Callable[[Answer], None],
        ended: Ended,
        *,
        chunked: bool,
    ) -> None:
        """send: takes the answer or its beginning. ended: takes the status that it counts as, and what is to follow."""
        self._events = events
        self._ids = ids
        self.trail: Trail | None = None  # hears all parts
        self.headers: Headers = ()  # more of them
        self._log = log
        self._send = send
        self._ended = ended
        self._call: StreamCall | None = None
        self._sink: Sink | None = None
        self._held = b""
        self._begun = self._last = False
        self.chunked = chunked

    def heard(self, call: StreamCall, outputs: Outputs) -> None:
        """The model has a part."""
        try:
            data = self._events.part(outputs)
            if self.trail is not None:
                self.trail.hear(outputs)
        except TrimtabError as error:
            call.settle(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            self._log("request failed", {"level": "error", "id": self._ids.given, **describe(error)})
            call.settle(OutsideError(BROKEN))
        else:
            self._call = call
            self._put(data, last=False)

    def answered(self, result: InferResponse | TrimtabError) -> None:
        """There are no more parts, or there is no answer."""
        if isinstance(result, InferResponse):
            self._ended(_OK, lambda outcome: self._end(result, outcome))
            return
        if self.trail is not None:
            self.trail.error = result.problems[0].code
        answer = error_answer(result, self._ids.given)
        self._ended(answer.status, lambda _outcome: self._fail(answer))

    def _end(self, response: InferResponse, outcome: Outcome) -> None:
        """The last event; where nothing leaves without a record, and there is none, it says so."""
        if outcome == "refused":
            self._fail(problem_answer((REFUSED,), self._ids.given))
        else:
            self._put(self._events.end(response), last=True)

    def _fail(self, answer: Answer) -> None:
        if not self._begun:
            self._send(answer.called(self._ids.own, *self.headers))
        else:
            self._put(self._events.error(answer), last=True)

    def _put(self, data: bytes, *, last: bool) -> None:
        data = chunk(data, last=last) if self.chunked else data
        if self._sink is not None:
            self._sink(data, last)
            return
        self._held += data
        self._last = last
        if not self._begun:
            self._begun = True
            self._send(Streamed(_OK, b"", EVENTS, (*_HEADERS, *self.headers), self._ids.own, stream=self))

    def flow(self, head: bytes, sink: Sink) -> None:
        """It is this answer's turn: its head, then what is held. The sink says `go_on` when it can take more."""
        self._sink = sink
        held, self._held = self._held, b""
        sink(head + held, self._last)

    def go_on(self) -> None:
        """The part was taken."""
        if self._call is not None:
            self._call.go_on()

"""grpcio's server: its threads, and the wall between our errors and its status.

grpcio's own threads take the calls; a few of ours answer them, each waiting for the data plane while it does. (The
same calls over its asyncio server cost more than twice the CPU.)
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol
from urllib.parse import quote

from trimtab.core.errors import OutsideError, TrimtabError
from trimtab.server.asking import Ask
from trimtab.server.dataplane import DataPlane
from trimtab.server.faults import BROKEN, GRPC_STATUS, STATUS, refused, said
from trimtab.server.flights.arms import Turn
from trimtab.server.grpc import calls
from trimtab.server.grpc.entrance import Entrance, Visit, retry_ms, told
from trimtab.server.grpc.health import WATCHERS, Board, health
from trimtab.server.grpc.proto import Rpc, Service, load
from trimtab.server.guard.peer import Peer
from trimtab.server.ids import own_ids
from trimtab.server.journal.unkept import MARK
from trimtab.server.logs import describe

__all__ = ["Asker", "Listening", "listen"]

_REQUEST_ID: Final = "x-request-id"
_MARK: Final = (MARK[0].decode(), MARK[1].decode())
_DETAILS: Final = 2048  # bytes of a status message as it travels; clients take 8 KiB of headers altogether
_ID: Final = 128
_SPARE: Final = 4


class Asker(Ask, Protocol):
    """Asks, and reaches the thread that owns the counters; see `Asking`."""

    def note(self, job: Callable[[], object]) -> None:
        """Run it there, with the next one posted."""

    def post(self, job: Callable[[], object]) -> bool:
        """Run it there now."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A listener at work. `stop(grace_s)` drops new calls at once; its event is set when the last one has ended."""

    board: Board
    stop: Callable[[float], threading.Event]


def listen(plane: DataPlane, ask: Asker, name: str, entrance: Entrance) -> Listening:
    """Answer gRPC calls on the abstract socket of this name, which `front.py` links callers with, and nobody else."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # our log has a form of its own
    import grpc

    settings = plane.settings
    server = grpc.server(
        ThreadPoolExecutor(settings.grpc_threads, "trimtab-grpc"),
        options=(
            ("grpc.max_receive_message_length", settings.body_limit),
            ("grpc.max_send_message_length", -1),
        ),
        maximum_concurrent_rpcs=settings.queue_limit + WATCHERS,
    )
    board = Board(lambda service: health(plane, service))
    door = _Door(plane, ask, grpc.StatusCode, board, entrance)
    for service, table in ((load("inference"), calls.INFERENCE), (load("health"), calls.HEALTH)):
        server.add_generic_rpc_handlers((door.handlers(grpc, service, table),))
    server.add_insecure_port(f"unix-abstract:{name}")
    server.start()
    return Listening(board, server.stop)


class _Door:
    """Turns calls into handlers: bytes to message, count, answer, and errors to status."""

    def __init__(self, plane: DataPlane, ask: Asker, status: Any, board: Board, entrance: Entrance) -> None:
        self._plane = plane
        self._entrance = entrance
        self._board = board
        # a watcher blocks a thread; those to spare tell the others that there are too many
        self._watching = ThreadPoolExecutor(WATCHERS + _SPARE, "trimtab-grpc-watch")
        self._ask = ask
        self._status = status
        self._ids = own_ids()

    def handlers(self, grpc: Any, service: Service, table: Mapping[str, calls.Way]) -> Any:
        """What grpcio routes to; messages arrive here as bytes, so that broken ones get a status of ours."""
        handlers = {}
        for rpc in service.rpcs.values():
            make = grpc.unary_stream_rpc_method_handler if rpc.streams else grpc.unary_unary_rpc_method_handler
            handle = self._watcher(rpc) if rpc.streams else self._handler(rpc, table[rpc.name])
            handlers[rpc.name] = make(handle, response_serializer=rpc.response.SerializeToString)
        return grpc.method_handlers_generic_handler(service.name, handlers)

    def _handler(self, rpc: Rpc, way: calls.Way) -> Callable[[bytes, Any], Any]:
        def handle(raw: bytes, context: Any) -> Any:
            start = time.perf_counter()
            peer = self._admit(context)
            metrics, own_id = self._plane.metrics, next(self._ids)
            self._ask.note(metrics.begin)
            visit, request_id = None, own_id
            error: TrimtabError | None = None
            answer = rpc.response()
            try:
                visit = self._entrance.visit(context, peer, way.scope)  # before a byte of the message is looked at
                request = _parsed(rpc, raw)
                request_id = getattr(request, "id", "") or own_id
                self._answer(way, visit, request, answer, context, own_id)
            except TrimtabError as ours:
                error = ours
            except Exception as unforeseen:  # noqa: BLE001 - a fault of ours must not end the process
                self._plane.log("request failed", {"level": "error", "id": own_id, **describe(unforeseen)})
                error = OutsideError(BROKEN)
            status = STATUS.get(error.problems[0].code, 500) if error else 200
            known = visit.model if visit and visit.model in self._plane.endpoints else ""
            seconds = time.perf_counter() - start
            self._ask.post(lambda: metrics.end(known, "grpc", status, seconds))
            if visit is not None and visit.turn is not None:
                self._ask.post(partial(_ended, visit, visit.turn, error, status, seconds))
            if error:
                self._keep(visit, error, status, seconds)
                self._refuse(context, error, visit, request_id)
            elif visit is not None and visit.id:
                lost = (_MARK,) if visit.trail is not None and visit.trail.lost else ()
                context.set_trailing_metadata(((_REQUEST_ID, visit.id), *lost, *visit.flown))
            return answer

        return handle

    def _answer(self, way: calls.Way, visit: Visit, request: Any, answer: Any, context: Any, own_id: str) -> None:
        call = way.call
        assert call is not None  # noqa: S101 - a stream has a watcher; mypy does not see it
        self._entrance.let_in(visit, way.scope, getattr(request, "model_name", "") or getattr(request, "name", ""))
        try:
            left_s, spend = context.time_remaining(), partial(self._entrance.rows, visit)
            if way.scope == "infer":
                self._begin(visit, own_id)
            surroundings = calls.Caller(
                self._plane, self._ask, visit.id or own_id, left_s, context.add_callback, spend, visit.trail,
                lambda request: self._entrance.assign(visit, self._plane, context, request, own_id), visit.told,
            )  # fmt: skip
            call(surroundings, request, answer)
        finally:
            self._entrance.end(visit)

    def _begin(self, visit: Visit, own_id: str) -> None:
        """The id of an interaction, and what is to be kept of it."""
        recorder, endpoint = self._plane.recorder, self._plane.endpoints.get(visit.model)
        visit.id = own_id
        if recorder is not None and endpoint is not None:
            visit.trail = recorder.begin(visit.caller, endpoint, "grpc")
            visit.id = visit.trail.id

    def _keep(self, visit: Visit | None, error: TrimtabError, status: int, seconds: float) -> None:
        """What failed ahead of the model, or behind it; nobody waits for that record."""
        trail, recorder = None if visit is None else visit.trail, self._plane.recorder
        if trail is None or recorder is None or trail.ended:
            return
        trail.error = error.problems[0].code
        self._ask.post(lambda: recorder.end(trail, status, seconds, lambda _outcome: None))

    def _watcher(self, rpc: Rpc) -> Any:
        def watch(raw: bytes, context: Any) -> Iterator[Any]:
            self._admit(context)
            if not context.add_callback(self._board.wake):
                return
            try:
                for status in self._board.watch(_parsed(rpc, raw).service, context.is_active):
                    yield rpc.response(status=status)
            except TrimtabError as error:
                self._refuse(context, error, None, next(self._ids))

        handle: Any = watch
        handle.experimental_thread_pool = self._watching
        return handle

    def _admit(self, context: Any) -> Peer:
        """Who calls. Whoever has found grpcio's socket and asks there himself has passed nobody, and his call ends."""
        peer = self._entrance.peer(context)
        return peer or context.abort(self._status["UNAUTHENTICATED"], "calls are taken at the server's port only")

    def _refuse(self, context: Any, error: TrimtabError, visit: Visit | None, request_id: str) -> None:
        problems = told(error, visit)
        first = problems[0]
        status = GRPC_STATUS.get(first.code, "INTERNAL")
        trailer = [("trimtab-code", first.code), ("trimtab-id", quote(request_id[:_ID], safe=":/ "))]
        if visit is not None and visit.id:
            trailer += (_REQUEST_ID, visit.id), *visit.flown
        if status == "UNAVAILABLE" or first.code == "P333":
            trailer.append(("grpc-retry-pushback-ms", str(retry_ms(error))))
        context.set_trailing_metadata(tuple(trailer))
        context.abort(self._status[status], _short(said(problems) + (f" ({first.hint})" if first.hint else "")))


def _ended(visit: Visit, turn: Turn, error: TrimtabError | None, status: int, seconds: float) -> None:
    """On the loop's thread: what has come of a request of a flight."""
    if error is not None:
        turn.refused(error)
    turn.ended(status, seconds)
    turn.left(visit.id, visit.caller)


def _parsed(rpc: Rpc, raw: bytes) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return rpc.request.FromString(raw)
    except DecodeError:
        raise refused("P310", f"the message is no {rpc.request.DESCRIPTOR.name}") from None


def _short(text: str) -> str:
    """Text that fits a header, where a byte beyond ASCII takes three."""
    size = 0
    for position, letter in enumerate(text):
        size += 1 if " " <= letter <= "~" and letter != "%" else 3 * len(letter.encode("utf-8", "replace"))
        if size > _DETAILS:
            return text[:position] + "..."
    return text

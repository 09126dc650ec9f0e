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
from typing import Any, Final, Protocol
from urllib.parse import quote

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server.asking import Ask
from trimtab.server.dataplane import DataPlane
from trimtab.server.faults import BROKEN, GRPC_STATUS, STATUS, refused, said
from trimtab.server.grpc import calls
from trimtab.server.grpc.health import WATCHERS, Board, health
from trimtab.server.grpc.proto import Rpc, Service, load
from trimtab.server.ids import own_ids
from trimtab.server.logs import describe

__all__ = ["Asker", "Listening", "listen"]

_DETAILS: Final = 2048  # bytes of a status message as it travels; clients take 8 KiB of headers altogether
_ID: Final = 128
_RETRY_MS: Final = "1000"
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


def listen(plane: DataPlane, ask: Asker, name: str) -> Listening:
    """Answer gRPC calls on the abstract socket of this name, which `front.py` links callers with."""
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
    door = _Door(plane, ask, grpc.StatusCode, board)
    for service, table in ((load("inference"), calls.INFERENCE), (load("health"), calls.HEALTH)):
        server.add_generic_rpc_handlers((door.handlers(grpc, service, table),))
    server.add_insecure_port(f"unix-abstract:{name}")
    server.start()
    return Listening(board, server.stop)


class _Door:
    """Turns calls into handlers: bytes to message, count, answer, and errors to status."""

    def __init__(self, plane: DataPlane, ask: Asker, status: Any, board: Board) -> None:
        self._plane = plane
        self._board = board
        # a watcher blocks a thread; those to spare tell the others that there are too many
        self._watching = ThreadPoolExecutor(WATCHERS + _SPARE, "trimtab-grpc-watch")
        self._ask = ask
        self._status = status
        self._ids = own_ids()

    def handlers(self, grpc: Any, service: Service, table: Mapping[str, calls.Call]) -> Any:
        """What grpcio routes to; messages arrive here as bytes, so that broken ones get a status of ours."""
        handlers = {}
        for rpc in service.rpcs.values():
            make = grpc.unary_stream_rpc_method_handler if rpc.streams else grpc.unary_unary_rpc_method_handler
            handle = self._watcher(rpc) if rpc.streams else self._handler(rpc, table[rpc.name])
            handlers[rpc.name] = make(handle, response_serializer=rpc.response.SerializeToString)
        return grpc.method_handlers_generic_handler(service.name, handlers)

    def _handler(self, rpc: Rpc, call: calls.Call) -> Callable[[bytes, Any], Any]:
        def handle(raw: bytes, context: Any) -> Any:
            start = time.perf_counter()
            metrics, own_id = self._plane.metrics, next(self._ids)
            self._ask.note(metrics.begin)
            model, request_id = "", own_id
            problems: tuple[Problem, ...] = ()
            answer = rpc.response()
            try:
                request = _parsed(rpc, raw)
                model = getattr(request, "model_name", "") or getattr(request, "name", "")
                request_id = getattr(request, "id", "") or own_id
                left_s = context.time_remaining()
                call(calls.Caller(self._plane, self._ask, own_id, left_s, context.add_callback), request, answer)
            except TrimtabError as error:
                problems = error.problems
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
                self._plane.log("request failed", {"level": "error", "id": own_id, **describe(error)})
                problems = (BROKEN,)
            status = STATUS.get(problems[0].code, 500) if problems else 200
            known = model if model in self._plane.endpoints else ""
            seconds = time.perf_counter() - start
            self._ask.post(lambda: metrics.end(known, "grpc", status, seconds))
            if problems:
                self._refuse(context, problems, request_id)
            return answer

        return handle

    def _watcher(self, rpc: Rpc) -> Any:
        def watch(raw: bytes, context: Any) -> Iterator[Any]:
            if not context.add_callback(self._board.wake):
                return
            try:
                for status in self._board.watch(_parsed(rpc, raw).service, context.is_active):
                    yield rpc.response(status=status)
            except TrimtabError as error:
                self._refuse(context, error.problems, next(self._ids))

        handle: Any = watch
        handle.experimental_thread_pool = self._watching
        return handle

    def _refuse(self, context: Any, problems: tuple[Problem, ...], request_id: str) -> None:
        first = problems[0]
        status = GRPC_STATUS.get(first.code, "INTERNAL")
        trailer = [("trimtab-code", first.code), ("trimtab-id", quote(request_id[:_ID], safe=":/ "))]
        if status == "UNAVAILABLE":
            trailer.append(("grpc-retry-pushback-ms", _RETRY_MS))
        context.set_trailing_metadata(tuple(trailer))
        context.abort(self._status[status], _short(said(problems) + (f" ({first.hint})" if first.hint else "")))


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

"""gRPC passed on as it is: any method of any service, with its metadata, status, deadline and streams.

Messages are bytes on the way through, so no schema is needed. Each call goes over the HTTP/2 connection that grpcio
keeps to its arm. On the wire a call of one message is a stream of one, so one kind of handler passes on all four kinds.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.core.traffic import Arm
from trimtab.server.gateway.around import Around, Ended
from trimtab.server.gateway.outgoing import ARM, PIN, REVISION
from trimtab.server.gateway.settings import GatewaySettings, Grpc
from trimtab.server.wire import Request

__all__ = ["passing"]

# of the connection, or said anew by grpcio
_LEFT_OUT: Final = frozenset({"user-agent", "te", "content-type", "grpc-timeout", ARM.decode(), PIN.decode()})
# what is the server's fault, as 5xx is over HTTP
_FAILED: Final = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
_OPTIONS: Final = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


@asynccontextmanager
async def passing(settings: GatewaySettings, around: Around) -> AsyncIterator[None]:
    """Calls are passed on until the end of the block. Raises UserError P304 and P307."""
    wanted = settings.grpc
    assert wanted is not None  # noqa: S101 - or nobody asks; mypy does not see it
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # our log has a form of its own
    try:
        import grpc
        import grpc.aio
    except ImportError:
        hint = "`pip install 'trimtab[grpc]'`"
        raise UserError(Problem("P307", "gRPC needs the package `grpc`", "trimtab fly --grpc-listen", hint)) from None
    places: dict[Arm, str] = {"champion": wanted.champion, "challenger": wanted.challenger}
    channels = {arm: grpc.aio.insecure_channel(place, options=_OPTIONS) for arm, place in places.items()}
    server = grpc.aio.server(options=(*_OPTIONS, ("grpc.so_reuseport", 0)))
    handlers = _Handlers(grpc, _Passing(grpc, around, channels, settings))
    server.add_generic_rpc_handlers((handlers.made(),))
    _listen(server, wanted)
    await server.start()
    try:
        yield
    finally:
        await server.stop(settings.serving.drain_timeout_s)
        for channel in channels.values():
            await channel.close()


def _listen(server: Any, wanted: Grpc) -> None:
    host, port = wanted.listen
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        bound = server.add_insecure_port(place)
    except RuntimeError:
        bound = 0
    if not bound:
        hint = f"stop what listens there, or say another one: `--grpc-listen {host}:{port + 1}`"
        raise UserError(Problem("P304", "cannot listen for gRPC", place, hint))


class _Handlers:
    """What grpcio asks for a method: always the same handler, which is told the method's name."""

    def __init__(self, grpc: Any, passing_on: _Passing) -> None:
        self._grpc, self._passing = grpc, passing_on

    def made(self) -> Any:
        grpc, passing_on = self._grpc, self._passing

        class Generic(grpc.GenericRpcHandler):  # type: ignore[misc,name-defined]
            def service(self, details: Any) -> Any:
                async def handle(requests: Any, context: Any) -> None:
                    await passing_on.call(details.method, requests, context)

                return grpc.stream_stream_rpc_method_handler(handle)

        return Generic()


class _Passing:
    """One call after the other; its arm is chosen by its metadata as an HTTP request's by its headers."""

    def __init__(self, grpc: Any, around: Around, channels: dict[Arm, Any], settings: GatewaySettings) -> None:
        self._grpc, self._around, self._channels, self._settings = grpc, around, channels, settings

    async def call(self, method: str, requests: Any, context: Any) -> None:
        around = self._around
        given = [(name, value) for name, value in context.invocation_metadata() or () if name not in _LEFT_OUT]
        heads = {name.encode(): _bytes(value) for name, value in context.invocation_metadata() or ()}
        choice = around.choosing.choose(heads)
        side = around.sides.get(choice.arm, around.sides["champion"])
        promoted = str(side.backend) == str(self._settings.challenger)
        channel = self._channels["challenger" if promoted else "champion"]
        start, status = around.clock(), "OK"
        call = channel.stream_stream(method)(metadata=given, timeout=context.time_remaining())
        over = (self._grpc.aio.AioRpcError, asyncio.InvalidStateError)
        sending = asyncio.ensure_future(_send(requests, call, over))
        try:
            named = (REVISION.decode(), str(side.backend))
            await context.send_initial_metadata((*(await call.initial_metadata()), named))
            while (message := await call.read()) is not self._grpc.aio.EOF:
                await context.write(message)
            code = await call.code()
            status = code.name
            context.set_trailing_metadata(await call.trailing_metadata() or ())
            context.set_code(code)
            context.set_details(await call.details() or "")
        except self._grpc.aio.AioRpcError as error:
            status = error.code().name
            context.set_trailing_metadata(error.trailing_metadata() or ())
            await context.abort(error.code(), error.details() or "")
        except asyncio.CancelledError:
            status = "CANCELLED"
            raise
        finally:
            sending.cancel()
            call.cancel()
            seconds = around.clock() - start
            if choice.counted:
                around.tally.answered(side.arm, 500 if status in _FAILED else 200, seconds)
            if around.keeps is not None:  # without its messages, which nobody here can read
                http = Request(b"POST", method.encode(), b"", heads, b"", keep_alive=True)
                said = 200 if status == "OK" else 500 if status in _FAILED else 400
                ended = Ended(http, side, choice.arm, choice.probability, said, seconds, None, None, json=False)
                around.keeps.ended(ended)


async def _send(requests: Any, call: Any, over: tuple[type[Exception], ...]) -> None:
    """over: raised where the arm takes no more; what became of the call, its end says."""
    with suppress(*over):
        async for message in requests:
            await call.write(message)
        await call.done_writing()


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()

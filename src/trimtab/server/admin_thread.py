"""uvicorn in a thread: it answers and keeps time, and connections come to it through a door of ours.

It has no way of its own to change a context while it listens, nor to say who is at the other end of TLS.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from trimtab.server.admin_tardy import Tardy
from trimtab.server.door import Door
from trimtab.server.guard.certificates import peer_of
from trimtab.server.guard.peer import LOCAL, Peer
from trimtab.server.process import event_loop
from trimtab.server.renewal import Renewal

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request

__all__ = ["begin", "peer_at"]

_GRACE_S: Final = 5
_MOST: Final = 128  # connections, and requests, at once
_LOOK_S: Final = 0.1


def begin(app: Starlette, listening: socket.socket, tls: Renewal, wait_s: float) -> Callable[[], None]:
    """Answer on the socket, which is closed at the end; what to call for it, which returns when it has ended.

    wait_s: how long a caller may take for a head, or for a body.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=_MOST,
        access_log=False,
        proxy_headers=False,  # whose forwarded addresses are believed is the guard's matter
    )
    config.load()
    server, told = uvicorn.Server(config), threading.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            runner.run(_serve(server, listening, tls, Tardy(wait_s), told))

    thread = threading.Thread(target=run, name="trimtab-admin", daemon=True)
    thread.start()

    def close() -> None:
        told.set()
        thread.join()

    return close


async def _serve(
    server: uvicorn.Server, listening: socket.socket, tls: Renewal, tardy: Tardy, told: threading.Event
) -> None:
    """Until told, or until it ends by itself; nobody is taken any more when those who were taken are let go."""
    door = Door(lambda: _made(server, tls), tls, "http/1.1")
    await door.open(listening)
    serving = asyncio.ensure_future(server.serve(sockets=[]))
    try:
        while not told.is_set() and not serving.done():
            await asyncio.wait({serving}, timeout=_LOOK_S)
            for one in tardy.of(server.server_state.connections, asyncio.get_running_loop().time()):
                one.transport.close()
    finally:
        door.close()
    server.should_exit = True
    await serving


def _made(server: uvicorn.Server, tls: Renewal) -> asyncio.Protocol:
    """What answers on one connection, as uvicorn itself makes it; its requests can ask who is there."""
    state: dict[str, Any] = {}
    make: Any = server.config.http_protocol_class
    made = make(config=server.config, server_state=server.server_state, app_state=state, _loop=None)
    state["peer"] = lambda: peer_of(made.transport, tls.certificates)
    answering: asyncio.Protocol = made
    return answering


def peer_at(request: Request) -> Peer:
    """Who is at the other end of a request that came through the door; blocks nothing, and reads no header."""
    ask: Callable[[], Peer] | None = request.scope.get("state", {}).get("peer")
    return LOCAL if ask is None else ask()

"""The serving process from start to end: bind, load, answer, drain."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import signal
from collections.abc import Callable, Mapping
from typing import Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.server.app import App, open_app
from trimtab.server.endpoint import ServedBundle
from trimtab.server.listener import Listener
from trimtab.server.logs import Log, to_stderr
from trimtab.server.settings import Settings

__all__ = ["run"]

_DRAIN_LOOK_S: Final = 0.01


def run(
    bundles: Mapping[str, ServedBundle], settings: Settings, ready: Callable[[str], None], log: Log = to_stderr
) -> None:
    """Serve the bundles by name until SIGTERM or SIGINT, then finish what was taken.

    ready: called once with the server's address when every model is loaded. Raises UserError for an address that cannot
    be bound or is not guarded, and for a bundle that cannot be loaded or whose golden rows come out otherwise.
    """
    _guarded(settings)
    app = open_app(bundles, settings, log)
    runner = asyncio.Runner(loop_factory=_loop_factory())
    with runner:
        runner.run(_serve(app, settings, ready))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fast event loop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _guarded(settings: Settings) -> None:
    """An address that other machines reach needs a word, as long as the endpoint has no lock of its own."""
    try:
        loopback = settings.host == "localhost" or ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not settings.insecure:
        what = f"`{settings.host}` is reached by other machines, and this endpoint asks nobody who they are"
        hint = "say `--insecure` if something in front of it does, or listen on `127.0.0.1`"
        raise UserError(Problem("P303", what, f"{settings.host}:{settings.port}", hint))


async def _serve(app: App, settings: Settings, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    loaded, stop = asyncio.Event(), asyncio.Event()

    def end() -> None:
        loaded.set()  # whoever stops a server that still loads does not wait for the models
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end)
    open_ones: set[Listener] = set()
    server = await _bind(loop, lambda: Listener(app, open_ones, loop), settings)
    try:
        loading = asyncio.wrap_future(app.load())
        loading.add_done_callback(lambda _: loaded.set())
        await loaded.wait()
        if loading.done():
            loading.result()
            ready(_address(server))
            await stop.wait()
        app.plane.stopping = True
        server.close()
        await _drained(open_ones, settings.drain_timeout_s)
    finally:
        server.close()
        app.plane.engine.close()


async def _bind(
    loop: asyncio.AbstractEventLoop, factory: Callable[[], Listener], settings: Settings
) -> asyncio.AbstractServer:
    place = f"{settings.host}:{settings.port}"
    try:
        return await loop.create_server(factory, settings.host, settings.port, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            hint = f"stop what listens there, or say another one: `--port {settings.port + 1}`"
            raise UserError(Problem("P304", f"port {settings.port} is taken", place, hint)) from None
        said = (error.strerror or str(error)).lower()
        raise UserError(
            Problem("P304", f"cannot listen: {said}", place, "`--host` and `--port` choose others")
        ) from None


def _address(server: Any) -> str:
    host, port = server.sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _drained(open_ones: set[Listener], patience_s: float) -> None:
    """Wait for the answers that are owed, as long as there is patience."""
    for listener in tuple(open_ones):
        listener.drain()
    deadline = asyncio.get_running_loop().time() + patience_s
    while open_ones and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - connections end by themselves
        await asyncio.sleep(_DRAIN_LOOK_S)
    for listener in tuple(open_ones):
        listener.end()

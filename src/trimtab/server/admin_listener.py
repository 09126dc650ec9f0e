"""The control plane behind starlette and uvicorn, in a thread beside whatever else the process does (extra `admin`)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.server.admin import ROUTES, Ask, Control
from trimtab.server.faults import problem_answer, refused
from trimtab.server.process import BEAT_S

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["Admin", "admin_app", "can_control", "open_admin"]

_BODY: Final = 64 * 2**10
_BACKLOG: Final = 128
_GRACE_S: Final = 5


@dataclass(frozen=True, slots=True)
class Admin:
    """A control plane at work; `close` returns when it has ended."""

    address: str
    close: Callable[[], None]


def admin_app(control: Control, beat: Callable[[], None]) -> Starlette:
    """The application: every route of the control plane, each answered in a thread of its own.

    beat: called every BEAT_S seconds by the loop that the application runs on.
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    routes = []
    for route in ROUTES:
        method, _, path = route.partition(" ")
        routes.append(Route(path, _endpoint(control, route), methods=[method]))
    return Starlette(routes=routes, lifespan=lambda _app: _beating(beat))


@asynccontextmanager
async def _beating(beat: Callable[[], None]) -> AsyncIterator[None]:
    async def keep() -> None:
        while True:
            beat()
            await asyncio.sleep(BEAT_S)

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()


def _nobody_waits() -> None:
    pass


def _endpoint(control: Control, route: str) -> Callable[[Request], Any]:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response

    async def endpoint(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > _BODY:
                answer = problem_answer(refused("P310", f"the body is longer than {_BODY} bytes").problems, status=413)
                return Response(answer.body, answer.status, {"connection": "close"}, "application/json")
        ask = Ask(request.headers, bytes(body), request.path_params.get("name", ""))
        answer = await run_in_threadpool(control.answer, route, ask)
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.body, answer.status, headers, answer.content_type.decode())

    return endpoint


def can_control(host: str, port: int, *, insecure: bool = False) -> socket.socket:
    """A socket that listens: whoever connects from now on is answered once a process opens the control plane on it.

    Raises UserError for an address that cannot be had, for one that other machines reach unless told, and where the
    packages are missing.
    """
    missing = [package for package in ("starlette", "uvicorn") if find_spec(package) is None]
    if missing:
        hint = "`pip install 'trimtab[admin]'`"
        raise UserError(Problem("P307", f"the control plane needs the package `{missing[0]}`", "trimtab serve", hint))
    _guarded(host, port, insecure=insecure)
    return _bound(host, port)


def open_admin(control: Control, listening: socket.socket, beat: Callable[[], None] = _nobody_waits) -> Admin:
    """Answer on the socket, which is closed at the end; beat: see `admin_app`."""
    import uvicorn

    config = uvicorn.Config(
        admin_app(control, beat),
        log_config=None,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="trimtab-admin", daemon=True)
    thread.start()

    def close() -> None:
        server.should_exit = True
        thread.join()
        listening.close()

    name, number = listening.getsockname()[:2]
    return Admin(f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}", close)


def _guarded(host: str, port: int, *, insecure: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not insecure:
        what = f"`{host}` is reached by other machines, and the control plane asks nobody who they are"
        raise UserError(Problem("P303", what, f"{host}:{port}", "let it listen on `127.0.0.1`"))


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        what = f"the control plane cannot listen: {(error.strerror or str(error)).lower()}"
        raise UserError(Problem("P304", what, f"{host}:{port}", "say another one with `--admin-port`")) from None
    return listening

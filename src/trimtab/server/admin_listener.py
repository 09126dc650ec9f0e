"""The control plane behind starlette and uvicorn, in a thread beside whatever else the process does (extra `admin`)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.errors import Problem, UserError
from trimtab.server.admin import Ask, Control
from trimtab.server.admin_thread import begin, peer_at
from trimtab.server.faults import problem_answer, refused
from trimtab.server.process import BEAT_S
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["Admin", "admin_app", "can_control", "open_admin"]

_BODY: Final = 64 * 2**10
_BACKLOG: Final = 128
_WAIT_S: Final = 10.0


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
    for route in control.routes:
        method, _, path = route.partition(" ")
        routes.append(Route(path, _endpoint(control, route), methods=[method]))
    app = Starlette(routes=routes, lifespan=lambda _app: _beating(beat))
    app.router.redirect_slashes = False  # it would lead to whatever host the caller named
    return app


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
    from starlette.requests import ClientDisconnect
    from starlette.responses import Response

    async def endpoint(request: Request) -> Response:
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > _BODY:
                    problem = refused("P310", f"the body is longer than {_BODY} bytes")
                    answer = problem_answer(problem.problems, status=413)
                    return Response(answer.body, answer.status, {"connection": "close"}, "application/json")
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        headers = _joined(request.headers.raw)
        name, query = request.path_params.get("name", ""), dict(request.query_params)
        ask = Ask(headers, bytes(body), name, peer_at(request), query=query)
        answer = await run_in_threadpool(control.answer, route, ask)
        said = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.body, answer.status, said, answer.content_type.decode())

    return endpoint


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers as the data plane has them: values of one name joined, so that no two readers see different ones."""
    headers: dict[bytes, bytes] = {}
    for name, value in raw:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def can_control(host: str, port: int) -> socket.socket:
    """A socket that listens: whoever connects from now on is answered once a process opens the control plane on it.

    Raises UserError for an address that cannot be had, and where the packages are missing.
    """
    missing = [package for package in ("starlette", "uvicorn") if find_spec(package) is None]
    if missing:
        hint = "`pip install 'trimtab[admin]'`"
        raise UserError(Problem("P307", f"the control plane needs the package `{missing[0]}`", "trimtab serve", hint))
    return _bound(host, port)


def open_admin(
    control: Control,
    listening: socket.socket,
    beat: Callable[[], None] = _nobody_waits,
    tls: Renewal | None = None,
    wait_s: float = _WAIT_S,
) -> Admin:
    """Answer on the socket, which is closed at the end; beat: see `admin_app`. tls: None for plain text.

    wait_s: see `begin`.
    """
    name, number = listening.getsockname()[:2]
    renewal = Renewal(Settings()) if tls is None else tls
    scheme = "http" if renewal.context("http/1.1") is None else "https"
    close = begin(admin_app(control, beat), listening, renewal, wait_s)
    return Admin(f"{scheme}://[{name}]:{number}" if ":" in name else f"{scheme}://{name}:{number}", close)


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

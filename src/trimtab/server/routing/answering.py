"""A control plane behind the server's own listener: no framework, so that a router runs wherever a server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, unquote

from trimtab.core.errors import Problem
from trimtab.server.admin import Ask, Control
from trimtab.server.faults import BROKEN, problem_answer
from trimtab.server.guard.peer import Peer
from trimtab.server.inflating import Owed
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Refusal, Request

__all__ = ["Answering", "Found", "found"]

_THREADS: Final = 8  # requests at once; those that wait for a disk, or for a backend to be well, are few
_BODY: Final = 64 * 2**10
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What a request asks: the route, and the name in it. allowed: methods of its path, where it is none of them."""

    route: str = ""
    name: str = ""
    allowed: tuple[str, ...] = ()


def found(routes: Iterable[str], method: str, path: str) -> Found:
    """The route of this request. routes: `METHOD PATH`, where `{name}` stands for one part of the path."""
    allowed = []
    for route in routes:
        own, _, pattern = route.partition(" ")
        if (name := _name_in(pattern.split("/"), path.split("/"))) is not None:
            if method == own or (method == "HEAD" and own == "GET"):
                return Found(route, unquote(name))
            allowed.append(own)
    return Found(allowed=tuple(allowed))


def _name_in(pattern: list[str], path: list[str]) -> str | None:
    """What stands for `{name}`, empty where there is none; None for another path."""
    if len(pattern) != len(path) or any(one not in (other, "{name}") for one, other in zip(pattern, path, strict=True)):
        return None
    names = [other for one, other in zip(pattern, path, strict=True) if one == "{name}"]
    return None if "" in names else "".join(names)


@dataclass(slots=True)
class _Plane:
    settings: Settings
    stopping: bool = False


class Answering:
    """See `Answers`; each request in a thread, since a control plane waits for the loop that it is asked on."""

    lanes = None

    def __init__(self, control: Control, loop: asyncio.AbstractEventLoop) -> None:
        """loop: of its listeners."""
        self.plane = _Plane(Settings(body_limit=_BODY))
        self._control, self._loop = control, loop
        self._routes = tuple(control.routes)
        self._threads = ThreadPoolExecutor(_THREADS, "trimtab-control")

    def answer(self, http: Request, send: Callable[[Answer], None], peer: Peer) -> Owed | None:
        """See `Answers`."""
        method, path = http.method.decode("ascii", "replace"), http.path.decode("ascii", "replace")
        what = found(self._routes, method, path)
        if not what.route:
            send(_misdirected(method, path, what.allowed))
            return None
        query = dict(parse_qsl(http.query.decode("latin-1")))
        ask = Ask(http.headers, bytes(http.body), what.name, peer, query=query)
        try:
            doing = self._loop.run_in_executor(self._threads, self._control.answer, what.route, ask)
        except RuntimeError:  # it is closed
            send(problem_answer((BROKEN,), status=503))
            return None
        doing.add_done_callback(partial(_tell, send))
        return None

    def refuse(self, refusal: Refusal) -> Answer:
        """See `Answers`."""
        return problem_answer((Problem("P385", refusal.what),), status=refusal.status)

    def close(self) -> None:
        """Whoever is in the middle of an answer ends it without us."""
        self.plane.stopping = True
        self._threads.shutdown(wait=False, cancel_futures=True)


def _tell(send: Callable[[Answer], None], doing: asyncio.Future[Answer]) -> None:
    if not doing.cancelled():
        send(doing.result())


def _misdirected(method: str, path: str, allowed: tuple[str, ...]) -> Answer:
    if allowed:
        methods = ", ".join(dict.fromkeys(allowed))
        problem = Problem("P385", f"`{path[:_SHOWN]}` has no {method[:_SHOWN]}", hint=f"allowed: {methods}")
        return problem_answer((problem,), headers=((b"allow", methods.encode()),), status=405)
    hint = "callers of the model ask at the address of `listen`"
    return problem_answer((Problem("P385", f"no route `{path[:_SHOWN]}` of a control plane", hint=hint),), status=404)

"""The server from start to end: bind the port, fork the serving processes, keep them going until told to stop."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TypeAlias

from trimtab.core.errors import Problem, TrimtabError, UserError
from trimtab.server.app import open_app
from trimtab.server.children import Child
from trimtab.server.endpoint import ServedBundle
from trimtab.server.forked import as_child
from trimtab.server.grpc.beside import can_listen
from trimtab.server.logs import Log, to_stderr
from trimtab.server.metrics import Metrics
from trimtab.server.opening import fork_nurseries
from trimtab.server.process import serve, tls_of
from trimtab.server.settings import Settings
from trimtab.server.supervisor import Supervisor
from trimtab.server.threads import shares

__all__ = ["Bundles", "run"]

Bundles: TypeAlias = Callable[[], Mapping[str, ServedBundle]]


def run(bundles: Bundles, settings: Settings, ready: Callable[[str], None], log: Log = to_stderr) -> None:
    """Serve the bundles by name until SIGTERM or SIGINT, then finish what was taken.

    bundles: asked at the start, and again at SIGHUP, when new processes with what it gives then take over from the old
    ones without a failed request. ready: called once with the server's address when every model is loaded.
    Raises UserError for an address that cannot be bound or is not guarded, and for a bundle that cannot be loaded.
    """
    _guarded(settings)
    _check_tls(settings)
    can_listen(settings)
    served = bundles()
    inline = _inline(served, settings)
    count = shares(settings.processes, settings.workers, inline=inline).processes
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in _bind(settings, count)]
        births = _Births(bundles, served, sockets, settings, log)
        address = _address(sockets[0], tls=settings.tls is not None)
        Supervisor(count, births, settings, log).run(lambda: ready(address))


def _inline(served: Mapping[str, ServedBundle], settings: Settings) -> bool:
    """Whether every model runs in the serving processes; P308 for one that may not and is told to."""
    foreign = [name for name, bundle in served.items() if not bundle.inline]
    if foreign and settings.engine == "inline":
        hint = '`engine = "auto"` gives it worker processes'
        where = "trimtab.toml server.engine"
        raise UserError(
            *(Problem("P308", f"model `{name}` runs Python of yours: not inline", where, hint) for name in foreign)
        )
    return settings.engine != "workers" and not foreign


class _Births:
    """Forks serving processes over the sockets, with the bundles that are served now or are to be served next."""

    def __init__(
        self,
        bundles: Bundles,
        served: Mapping[str, ServedBundle],
        sockets: list[socket.socket],
        settings: Settings,
        log: Log,
    ) -> None:
        self._bundles = bundles
        self._served = self._fresh = served
        self._sockets = sockets
        self._settings = settings
        self._log = log
        self._metrics = Metrics(served, len(sockets))

    def fork(self, number: int, *, fresh: bool, first: bool) -> Child:
        served = self._fresh if fresh else self._served
        if not first and not fresh:
            self._metrics.count_restart(number)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            # a process that still loads would say so to callers whom another one could answer already: they wait
            early = first and len(self._sockets) == 1
            as_child(parent, lambda: self._serve(served, number, theirs, early=early))
        theirs.close()
        return Child(number, pid, ours)

    def _serve(self, served: Mapping[str, ServedBundle], number: int, line: socket.socket, *, early: bool) -> int:
        self._metrics.attach(number)
        app = open_app(served, self._settings, self._log, self._metrics)
        nurseries = fork_nurseries(app.plane.endpoints, self._settings)
        line.setblocking(False)
        return serve(app, nurseries, self._sockets[number], line, early=early)

    def renew(self) -> bool:
        try:
            fresh = self._bundles()
        except TrimtabError as error:
            self._log("not renewed", {"level": "error", "why": "; ".join(problem.what for problem in error.problems)})
            return False
        if fresh.keys() != self._served.keys():
            self._log("not renewed", {"level": "error", "why": "the models have other names; start the server anew"})
            return False
        self._fresh = fresh
        return True

    def settle(self, *, fresh: bool) -> None:
        if fresh:
            self._served = self._fresh
        else:
            self._fresh = self._served


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


def _check_tls(settings: Settings) -> None:
    try:
        tls_of(settings)
    except OSError as error:  # ssl.SSLError is one
        what = f"no certificate and key: {(error.strerror or str(error)).lower()}"
        places = ", ".join(map(str, settings.tls or ()))
        hint = "both are PEM files; the certificate comes first, then those that vouch for it"
        raise UserError(Problem("P306", what, places, hint)) from None


def _bind(settings: Settings, count: int) -> list[socket.socket]:
    """As many sockets on the port as there are processes; the kernel shares connections out among them."""
    place = f"{settings.host}:{settings.port}"
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        _refuse_taken(family, address)
        for _ in range(count):
            one = socket.socket(family, kind, proto)
            sockets.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(address)
            address = one.getsockname()
            one.setblocking(False)
            one.listen(1024)
    except OSError as error:
        for one in sockets:
            one.close()
        if error.errno == errno.EADDRINUSE:
            hint = f"stop what listens there, or say another one: `--port {settings.port + 1}`"
            raise UserError(Problem("P304", f"port {settings.port} is taken", place, hint)) from None
        said = (error.strerror or str(error)).lower()
        raise UserError(
            Problem("P304", f"cannot listen: {said}", place, "`--host` and `--port` choose others")
        ) from None
    return sockets


def _refuse_taken(family: int, address: tuple[object, ...]) -> None:
    """Another server of ours on the port would share it silently: so first ask for it alone."""
    if address[1] == 0:
        return
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _address(listening: socket.socket, *, tls: bool) -> str:
    host, port = listening.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

"""The server from start to end: bind the port, fork the serving processes, keep them going until told to stop."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from trimtab.bundle.keeping.weights import weights_shared
from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback
from trimtab.server.admin_listener import can_control
from trimtab.server.births import Around, Births, Bundles, OnlyThose, fork_control, runs_inline
from trimtab.server.changes import Shelf
from trimtab.server.desk import Desk
from trimtab.server.door import Doorways
from trimtab.server.endpoint import ServedBundle
from trimtab.server.flights.desk import FlightDesk
from trimtab.server.given import NOTHING, Given, spread
from trimtab.server.grpc.beside import bind, can_listen
from trimtab.server.guard.make import open_guard
from trimtab.server.logs import Log, to_stderr
from trimtab.server.renewal import Renewal, Watch
from trimtab.server.seat import Asked, Desks, Seat
from trimtab.server.settings import Settings
from trimtab.server.supervisor import Supervisor
from trimtab.server.threads import shares

if TYPE_CHECKING:
    from trimtab.server.journal.keeping import Keeping
    from trimtab.server.journal.make import Journal

__all__ = ["Bundles", "run"]


def run(
    bundles: Bundles,
    settings: Settings,
    ready: Callable[[str], None],
    log: Log = to_stderr,
    shelf: Shelf | None = None,
    given: Given = NOTHING,
) -> None:
    """Serve the bundles by name until SIGTERM or SIGINT, then finish what was taken.

    bundles: what is served at the start. shelf: what these names mean at SIGHUP, when new processes take over from the
    old ones without a failed request, and what the control plane may load; without one, `bundles` is asked again.
    ready: called once with the server's address when every model is loaded. given: sockets that are bound already; they
    come before those of the settings, and no connection on them is taken before every model is loaded.
    Raises UserError for an address that cannot be bound or is not guarded, and for a bundle that cannot be loaded.
    """
    _guarded(settings)
    tls = Renewal(settings)
    can_listen(settings, bound=bool(given.grpc))
    served = bundles()
    inline = runs_inline(served, settings)
    count = shares(settings.processes, settings.workers, inline=inline).processes
    settings = replace(settings, processes=count)  # models that are loaded later share these
    shelf = shelf or OnlyThose(bundles)
    with ExitStack() as stack:
        if count > 1:
            stack.enter_context(weights_shared())
        bound = _bound(settings, given, stack)
        sockets, beside = ([one[0] for one in spread(some, count) if one] for some in (bound.http, bound.grpc))
        guard = open_guard(settings, log)
        journal = _journal(settings, served)
        around = Around(log, guard, tls, journal, bound, handed=bool(given.http))
        births = Births(shelf, served, sockets, settings, around, beside)
        del served  # what is replaced later is nobody's then, and may be removed from the store
        desks = Desks(*_desks(births, bound, settings, around, shelf))
        address = _address(sockets[0], tls=settings.tls is not None)
        watch = Watch(tls, log)
        keeping = stack.enter_context(closing(_keeping(settings, log))) if settings.journal else None
        for _ in Supervisor(count, births, settings, log, desk=desks).turns(lambda: ready(address)):
            watch.look()
            if keeping is not None:
                keeping.look()


def _bound(settings: Settings, given: Given, stack: ExitStack) -> Given:
    """Every socket, given or bound here; closed with the stack."""
    http = given.http or tuple(_bind(settings, settings.processes))
    for one in (*http, *given.grpc, *given.admin, *given.seat):
        stack.enter_context(one)
    grpc, admin = given.grpc, given.admin
    if settings.grpc_port is None:
        grpc = ()
    elif not grpc:
        grpc = tuple(stack.enter_context(one) for one in bind(settings, settings.processes))
    if settings.admin_port is None:
        admin = ()
    elif not admin:
        admin = (stack.enter_context(can_control(settings.admin_host, settings.admin_port)),)
    return replace(given, http=http, grpc=grpc, admin=admin)


def _desks(births: Births, bound: Given, settings: Settings, around: Around, shelf: Shelf) -> Iterator[Asked]:
    """Where changes are asked for: the control plane, and the seat of whoever keeps this server going."""
    if bound.admin:
        fork = partial(fork_control, Doorways(bound.admin[0], around.tls), shelf, around.log, settings)
        patience_s = settings.heartbeat_timeout_s
        yield Desk(fork, births.served, around.log, time.monotonic, patience_s, FlightDesk(births).take)
    if bound.seat:
        yield Seat(bound.seat[0], births, bound, supervised="INVOCATION_ID" in os.environ)


def _journal(settings: Settings, served: Mapping[str, ServedBundle]) -> Journal | None:
    """What is not asked for is not imported."""
    if settings.journal is None:
        return None
    from trimtab.server.journal.make import Journal

    journal = Journal(settings.journal)
    journal.check(served)
    return journal


def _keeping(settings: Settings, log: Log) -> Keeping:
    from trimtab.server.journal.keeping import Keeping, command_of

    assert settings.journal is not None  # noqa: S101 - or nobody calls; mypy does not see it
    return Keeping(settings.journal, log, command_of(settings.journal))


def _guarded(settings: Settings) -> None:
    """An address that other machines reach needs a lock, and a wire that nobody listens on; or a word."""
    places = [("", settings.host, settings.port)]
    if settings.admin_port is not None:
        places.append(("admin-", settings.admin_host, settings.admin_port))
    missing = [] if settings.guard.asks else ["asks nobody who they are"]
    missing += [] if settings.tls is not None else ["has no TLS"]
    open_ones = [] if settings.insecure or not missing else [place for place in places if not is_loopback(place[1])]
    if open_ones:
        hint = "`[server.auth]` and `tls_cert` of trimtab.toml are its locks; or say `--insecure`"
        raise UserError(
            *(
                Problem(
                    "P303",
                    f"`{host}` is reached by other machines, and this endpoint {' and '.join(missing)}",
                    f"{host}:{port}",
                    f"{hint}, or `--{word}host 127.0.0.1`",
                )
                for word, host, port in open_ones
            )
        )


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

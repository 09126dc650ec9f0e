"""Starts the server that is to take over, with the sockets of the one that runs, and waits until it is ready."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.targets.local.files import Files
from trimtab.targets.local.place import Place
from trimtab.targets.local.seat import Hello, Seat, SilentError

__all__ = ["start", "start_again"]

_WAIT_S: Final = 5.0
_WORDS_S, _LOOK_S = 2.0, 0.02
_LONGEST: Final = 600  # characters of what a server says of its end


def start(place: Place, files: Files, wanted: Deployment, environ: Mapping[str, str], patience_s: float) -> str:
    """Empty when it answers; else why it does not, in words."""
    with ExitStack() as stack:
        theirs = [(name, stack.enter_context(one)) for name, one in place.seat.sockets(_WAIT_S)]
        given = [(name, one.fileno()) for name, one in theirs if _is_wanted(name, one, wanted)]
        begins = place.start(files.command(wanted), files.root, given, environ)
    try:
        hello = place.coming.hello(patience_s)
    except SilentError:
        return f"it has not become ready within {patience_s:g} s"
    if hello is None:
        return _last_words(place, begins)
    return "; ".join(hello.unfit.values())


def start_again(seat: Seat, settings: str, patience_s: float) -> str:
    """Have systemd start the server anew, with the files that are there now; empty when it answers, or why not.

    systemd holds its sockets meanwhile: who calls waits, and is answered by the new one.
    """
    due = time.monotonic() + patience_s
    said: Hello | None = None
    with suppress(SilentError):
        seat.leave(_WAIT_S)
        while time.monotonic() < due:
            said = seat.hello(max(due - time.monotonic(), _LOOK_S))
            if said is not None and said.settings == settings:
                return "; ".join(said.unfit.values())
            time.sleep(_LOOK_S)
    return f"systemd has not had it ready within {patience_s:g} s: `journalctl` has its words"


def _is_wanted(name: str, one: socket.socket, wanted: Deployment) -> bool:
    """Whether it listens where the new server shall."""
    host, port = one.getsockname()[:2]
    ports = {"http": wanted.port, "grpc": wanted.server.get("grpc"), "admin": wanted.server.get("admin")}
    hosts = {"admin": wanted.server.get("admin_host", "127.0.0.1")}
    try:
        found = socket.getaddrinfo(hosts.get(name, wanted.host), ports[name], type=socket.SOCK_STREAM)
    except OSError:
        return False
    return ports[name] == port and any(address[0] == host for *_, address in found)


def _last_words(place: Place, begins: int) -> str:
    """The error that it ended with, or whatever it said last: it closes its seat first, and says it then."""
    due = time.monotonic() + _WORDS_S
    while True:
        lines = [line.strip() for line in place.words_since(begins).splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("error[")]
        if errors or time.monotonic() > due:
            break
        time.sleep(_LOOK_S)
    return " ".join(errors or lines[-1:])[:_LONGEST] or "it ended without a word"

"""Where whoever keeps this server going speaks with it: a Unix socket that only its own user can reach.

One message each way, JSON: `hello` asks what is served, `sockets` for the listening sockets, `load` has a model
renewed, `leave` has the server go: another one takes connections already. It is answered from the moment when all
models are loaded; before, callers wait. Whoever listens here is the server: no number in a file can be another's.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Literal, Protocol

import msgspec

from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.core.flights import FlightStatus
from trimtab.server.changes import Change
from trimtab.server.given import Given

__all__ = ["Desks", "Seat", "Visited"]

_LONGEST: Final = 160 * 2**10
_MOST: Final = 16  # callers at once
_PEER: Final = struct.Struct("3i")  # process, user and group
_encode: Final = msgspec.json.Encoder().encode


class _Word(msgspec.Struct):
    do: Literal["hello", "sockets", "load", "leave"]
    name: str = ""


class _Told(msgspec.Struct, omit_defaults=True):
    """The answer. settings: what its keeper called them at the start. ours: the problems are not the user's.

    names: of the sockets that come with it, in their order.
    """

    pid: int
    settings: str = ""
    models: Mapping[str, str] = {}
    unfit: Mapping[str, str] = {}
    flights: Mapping[str, FlightStatus] = {}
    names: list[str] = []
    problems: list[Problem] = []
    ours: bool = False
    supervised: bool = False


_read: Final = msgspec.json.Decoder(_Word).decode


class Visited(Protocol):
    """What is served, as the supervisor's births know it."""

    def served(self) -> Mapping[str, str]:
        """The digest of every model that is served now."""

    def aloft(self) -> Mapping[str, FlightStatus]:
        """The flight that is on, by endpoint."""


class Asked(Protocol):
    """Somewhere that a supervisor is asked for changes; see `Desk`."""

    def keep(self, poll: select.poll) -> None:
        """Once a turn, from the moment when everything answers."""

    def hear(self, fd: int, poll: select.poll, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> bool:
        """Whether the descriptor is its; what came on it is seen to."""

    def close(self, poll: select.poll) -> None:
        """No more of it."""


class Desks:
    """Several of them as one."""

    def __init__(self, *desks: Asked) -> None:
        """In the order in which they are asked."""
        self._desks = desks

    def keep(self, poll: select.poll) -> None:
        """See `Asked`."""
        for desk in self._desks:
            desk.keep(poll)

    def hear(self, fd: int, poll: select.poll, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> bool:
        """See `Asked`."""
        return any(desk.hear(fd, poll, ask, unfit) for desk in self._desks)

    def close(self, poll: select.poll) -> None:
        """See `Asked`."""
        for desk in self._desks:
            desk.close(poll)


class Seat:
    """Everything on the supervisor's thread, which never waits for a caller."""

    def __init__(self, listening: socket.socket, visited: Visited, sockets: Given, *, supervised: bool) -> None:
        """sockets: what is handed over to whoever asks. supervised: whoever started this starts it again."""
        self._listening, self._visited, self._sockets = listening, visited, sockets
        self._supervised = supervised
        self._callers: dict[int, socket.socket] = {}
        self._open = False
        listening.setblocking(False)

    def keep(self, poll: select.poll) -> None:
        """See `Asked`."""
        if not self._open:
            self._open = True
            poll.register(self._listening, select.POLLIN)

    def hear(self, fd: int, poll: select.poll, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> bool:
        """See `Asked`."""
        if self._open and fd == self._listening.fileno():
            self._take(poll)
            return True
        caller = self._callers.get(fd)
        if caller is None:
            return False
        try:
            data = caller.recv(_LONGEST)
            word = _read(data) if data else None
        except BlockingIOError:
            return True
        except (OSError, msgspec.DecodeError):
            word = None
        if word is None:
            self._drop(caller, poll)
        else:
            self._do(word, caller, ask, unfit)
        return True

    def _take(self, poll: select.poll) -> None:
        with suppress(OSError):
            caller, _ = self._listening.accept()
            _, user, _ = _PEER.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
            if user not in (0, os.geteuid()) or len(self._callers) >= _MOST:
                caller.close()
                return
            caller.setblocking(False)
            self._callers[caller.fileno()] = caller
            poll.register(caller, select.POLLIN)

    def _do(self, word: _Word, caller: socket.socket, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> None:
        told = _Told(os.getpid(), self._sockets.settings, supervised=self._supervised)
        match word.do:
            case "hello":
                told.models, told.unfit, told.flights = self._visited.served(), unfit, self._visited.aloft()
                self._say(caller, told)
            case "sockets":
                both = [(one, name) for name in ("http", "grpc", "admin") for one in getattr(self._sockets, name)]
                told.names = [name for _, name in both]
                self._say(caller, told, [one.fileno() for one, _ in both])
            case "load":
                ask(Change("load", word.name, lambda error: self._say(caller, _with(told, error))))
            case "leave":
                self._say(caller, told)
                signal.raise_signal(signal.SIGUSR1)

    def _say(self, caller: socket.socket, told: _Told, fds: list[int] | None = None) -> None:
        """To whoever still listens."""
        if self._callers.get(caller.fileno()) is caller:
            with suppress(OSError):
                socket.send_fds(caller, [_encode(told)], fds or [])

    def _drop(self, caller: socket.socket, poll: select.poll) -> None:
        poll.unregister(caller)
        del self._callers[caller.fileno()]
        caller.close()

    def close(self, poll: select.poll) -> None:
        """See `Asked`: whoever comes now finds nobody."""
        for caller in [*self._callers.values()]:
            self._drop(caller, poll)
        if self._open:
            self._open = False
            poll.unregister(self._listening)
        self._listening.close()


def _with(told: _Told, error: TrimtabError | None) -> _Told:
    if error is not None:
        told.problems, told.ours = [*error.problems], isinstance(error, OutsideError)
    return told

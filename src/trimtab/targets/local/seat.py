"""Speaks with a server of ours by its Unix socket: what is served there, its listening sockets, what it shall do.

Whoever listens at the path is the server, and nobody else can be taken for it: no process id is kept in a file.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.core.errors import Problem
from trimtab.targets.faults import no_answer

__all__ = ["Hello", "Seat", "SilentError", "bind"]

_LONGEST: Final = 160 * 2**10
_FDS: Final = 600
_BACKLOG: Final = 16
_PEER: Final = struct.Struct("3i")  # process, user and group


class SilentError(Exception):
    """There is a server, and it has not answered in time: it still loads its models."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a server says of itself. settings: digest of the file that it read. models: digests by name.

    unfit: models that cannot answer, and why. flights: by endpoint, with `challenger`, `state` and `traffic`.
    supervised: systemd starts it again when it ends.
    """

    pid: int
    settings: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    flights: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    ours: bool = False
    supervised: bool = False


_read: Final = msgspec.json.Decoder(Hello).decode


class Seat:
    """The socket at a path, however long that is."""

    def __init__(self, path: Path) -> None:
        """Nothing needs to be there."""
        self.path = path

    def hello(self, wait_s: float) -> Hello | None:
        """What is said there; None where nobody is. SilentError where somebody is who does not answer in time."""
        return self._say("hello", wait_s)

    def load(self, name: str, wait_s: float) -> Hello | None:
        """Have the model renewed; the answer has the problems, if it was not. None, SilentError as `hello`."""
        return self._say("load", wait_s, name)

    def leave(self, wait_s: float) -> Hello | None:
        """Have the server go, when what was taken is answered; None, SilentError as `hello`."""
        return self._say("leave", wait_s)

    def pid(self) -> int:
        """The process that listens there, as the kernel has it; 0 where nobody does."""
        with self._connection(1.0) as connection:
            if connection is None:
                return 0
            found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
            return int(_PEER.unpack(found)[0])

    def sockets(self, wait_s: float) -> list[tuple[str, socket.socket]]:
        """Its listening sockets, which are ours too from now on, by name; none where nobody is."""
        with self._connection(wait_s) as connection:
            if connection is None:
                return []
            try:
                connection.send(msgspec.json.encode({"do": "sockets"}))
                data, fds, _, _ = socket.recv_fds(connection, _LONGEST, _FDS)
            except (ConnectionResetError, BrokenPipeError):
                return []
            sockets = [socket.socket(fileno=fd) for fd in fds]
            names = _read(data).names if data else ()
        return list(zip(names, sockets, strict=True))

    def _say(self, do: str, wait_s: float, name: str = "") -> Hello | None:
        with self._connection(wait_s) as connection:
            if connection is None:
                return None
            try:
                connection.send(msgspec.json.encode({"do": do, "name": name}))
                data = connection.recv(_LONGEST)
            except (ConnectionResetError, BrokenPipeError):
                return None  # it ended without a word
            try:
                return _read(data) if data else None
            except msgspec.DecodeError as error:
                raise no_answer(f"what answers there is no server of this version: {error}", str(self.path)) from None

    @contextmanager
    def _connection(self, wait_s: float) -> Iterator[socket.socket | None]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection, _short(self.path) as path:
            connection.settimeout(wait_s)
            try:
                connection.connect(path)
            except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError):
                yield None
                return
            except BlockingIOError:
                raise SilentError from None  # as many wait already as can
            try:
                yield connection
            except TimeoutError:
                raise SilentError from None


def bind(path: Path) -> socket.socket:
    """A socket that listens there, in the place of whatever was: whoever comes waits until it is served."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with suppress(FileNotFoundError):
        path.unlink()
    try:
        with _short(path) as short:
            listening.bind(short)
        path.chmod(0o600)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The same place in fewer than the 108 bytes that an address may have."""
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield "/proc/self/fd/-1/nobody"
        return
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)

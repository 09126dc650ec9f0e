"""The process that loads a model and forks its workers: they share its memory, and a new one is there in milliseconds.

It is forked while the server is still one thread without an event loop. A loaded model may have threads of its own, and
a process with threads cannot fork safely: then the nursery itself loads nothing, and each worker loads for itself.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server.forked import as_child, give_back, keep_freed
from trimtab.server.loading import Loaded
from trimtab.server.workers.channel import ChannelEnds
from trimtab.server.workers.child import READY, work
from trimtab.server.workers.voice import Voice

__all__ = ["Event", "Nursery", "Ready"]

_LONGEST: Final = 64 * 2**10
_ALONE: Final = 1  # threads of a process that may fork
_FDS: Final = 3
_WORDS: Final = 2  # what its processes print goes where its own standard error goes


class Ready(msgspec.Struct):
    """What was found when the model was loaded, without the predictor; see `Loaded`."""

    unfit: str = ""
    alone: str = ""
    points: dict[int, float] = {}
    threads: dict[str, int] = {}
    yields: bool = False

    @classmethod
    def of(cls, loaded: Loaded) -> Ready:
        """What can be told to another process."""
        return cls(loaded.unfit, loaded.alone, dict(loaded.points), dict(loaded.threads), loaded.yields)


class Event(msgspec.Struct):
    """What the nursery tells: `started` a worker as process `pid`, `ended` with a status, or `failed` to load."""

    what: str
    worker: int = 0
    pid: int = 0
    status: int = 0
    problems: list[Problem] = []


class _Order(msgspec.Struct):
    """What it is told: `spawn` or `kill` a worker."""

    what: str
    worker: int


_encode: Final = msgspec.json.Encoder().encode
_read_event: Final = msgspec.json.Decoder(Event).decode
_read_order: Final = msgspec.json.Decoder(_Order).decode


class Nursery:
    """The server's side of one."""

    def __init__(self, sock: socket.socket, pid: int, voice: Voice) -> None:
        """What `fork` made; voice: what its processes print."""
        self._socket = sock
        self.pid = pid
        self.voice = voice

    @classmethod
    def fork(cls, load: Callable[[], Loaded], name: str) -> Nursery:
        """A new nursery process; only while this process is one thread. `name` is said in errors."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        heard, words = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            os.close(heard)
            as_child(parent, lambda: _tend(theirs, load, name), words)
        theirs.close()
        os.close(words)
        ours.setblocking(False)
        return cls(ours, pid, Voice(heard))

    def fileno(self) -> int:
        """The socket's, to be watched."""
        return self._socket.fileno()

    def spawn(self, worker: int, ends: ChannelEnds) -> None:
        """Ask for a worker at the other end of a channel; OSError when the nursery has gone."""
        socket.send_fds(self._socket, [_encode(_Order("spawn", worker))], ends.fds)

    def kill(self, worker: int) -> None:
        """Ask that a worker be killed at once."""
        self._socket.send(_encode(_Order("kill", worker)))

    def event(self) -> Event | None:
        """The next event that is here; None when the nursery has gone. BlockingIOError when there is nothing."""
        data = self._socket.recv(_LONGEST)
        return _read_event(data) if data else None

    def close(self) -> None:
        """Let it end, and all its workers with it."""
        self._socket.close()


def _tend(control: socket.socket, load: Callable[[], Loaded], name: str) -> None:
    """Load in a process of its own; tend the workers there if it may fork, else here."""
    while True:
        seen, shown = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(seen)
            as_child(parent, partial(_load_and_tend, control, load, name, shown), _WORDS)
        os.close(shown)
        verdict = os.read(seen, 1)
        os.close(seen)
        os.waitpid(pid, 0)
        match verdict:
            case b"f":  # it could fork; now it has ended, and every worker with it
                if _gone(control):
                    return
            case b"t":
                _serve(control, lambda ends: _load_and_work(ends, load))
                return
            case _:
                return  # it said why itself, or the server has gone


def _gone(control: socket.socket) -> bool:
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def _load_and_tend(control: socket.socket, load: Callable[[], Loaded], name: str, shown: int) -> None:
    try:
        loaded = load()
    except TrimtabError as error:
        control.send(_encode(Event("failed", problems=list(error.problems))))
        return
    except BaseException as error:  # noqa: BLE001 - user code may raise anything
        what = f"model `{name}` cannot be loaded: {type(error).__name__}: {error}"
        control.send(_encode(Event("failed", problems=[Problem("P305", what)])))
        return
    if sum(1 for _ in Path("/proc/self/task").iterdir()) > _ALONE:
        os.write(shown, b"t")
        return
    gc.collect()
    give_back()  # what reading the model took beside the model
    gc.freeze()  # the collector would otherwise write into every page that the workers share
    os.write(shown, b"f")
    os.close(shown)
    _serve(control, lambda ends: _announce_and_work(ends, loaded))


def _load_and_work(ends: ChannelEnds, load: Callable[[], Loaded]) -> None:
    _announce_and_work(ends, load())


def _announce_and_work(ends: ChannelEnds, loaded: Loaded) -> None:
    keep_freed()
    channel = ends.open()
    channel.send(READY, [_encode(Ready.of(loaded))])
    work(channel, loaded.predictor)


def _serve(control: socket.socket, begin: Callable[[ChannelEnds], None]) -> None:
    """Fork and kill workers as told, say when they end; until the server has gone."""
    pids: dict[int, int] = {}  # process descriptor -> worker
    of_worker: dict[int, tuple[int, int]] = {}  # worker -> process id, process descriptor
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd != control.fileno():
                worker = pids.pop(fd)
                pid, _ = of_worker.pop(worker)
                poll.unregister(fd)
                os.close(fd)
                _, status = os.waitpid(pid, 0)
                _tell(control, Event("ended", worker, pid, os.waitstatus_to_exitcode(status)))
                continue
            order, ends = _next_order(control)
            if order is None:
                return
            if ends is None:
                if order.worker in of_worker:
                    os.kill(of_worker[order.worker][0], signal.SIGKILL)
                continue
            pid = _fork_worker(control, ends, begin)
            descriptor = os.pidfd_open(pid)
            pids[descriptor], of_worker[order.worker] = order.worker, (pid, descriptor)
            poll.register(descriptor, select.POLLIN)
            _tell(control, Event("started", order.worker, pid))


def _tell(control: socket.socket, event: Event) -> None:
    try:
        control.send(_encode(event))
    except OSError:
        return  # the server has gone; the next poll says so


def _next_order(control: socket.socket) -> tuple[_Order | None, ChannelEnds | None]:
    try:
        data, fds, _, _ = socket.recv_fds(control, _LONGEST, _FDS)
    except ConnectionResetError:  # the server has gone, and left what we told it unread
        return None, None
    if not data:
        return None, None
    return _read_order(data), ChannelEnds.from_fds(fds) if fds else None


def _fork_worker(control: socket.socket, ends: ChannelEnds, begin: Callable[[ChannelEnds], Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        control.close()
        as_child(parent, lambda: begin(ends), _WORDS)
    ends.close()
    return pid

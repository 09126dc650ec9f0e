"""One serving process from start to end: load, answer, drain. The supervisor has bound its socket and forked it."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import msgspec

from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.server.app import App
from trimtab.server.door import Door, Doorways
from trimtab.server.flights.arms import everything
from trimtab.server.forked import keep_freed
from trimtab.server.grpc.beside import Beside, open_beside
from trimtab.server.listener import Listener
from trimtab.server.opening import Opened, open_endpoints
from trimtab.server.workers.nursery import Nursery

__all__ = ["BEAT_S", "LOADING_TIMES", "Beat", "event_loop", "many_files", "serve"]

BEAT_S: Final = 0.5
LOADING_TIMES: Final = 12  # a process that loads may be silent for so many times longer: imports hold Python's lock
_DRAIN_LOOK_S: Final = 0.01
_LINGER_S: Final = 1.0
_PROBLEMS, _SAID = 100, 20_000  # of a beat, and characters of them: a model may raise any text, a message is limited
_LOST: Final = 70  # exit status of a process that cannot mend itself


class Beat(msgspec.Struct):
    """What a serving process tells its supervisor, at least every BEAT_S seconds: its state, and why it has none.

    outside: the problems are not the user's to mend. unfit: models that cannot answer, and why.
    """

    state: str = "loading"
    problems: list[Problem] = []
    outside: bool = False
    unfit: dict[str, str] = {}
    pids: list[int] = []


_encode: Final = msgspec.json.Encoder().encode


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fast event loop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def serve(
    app: App,
    nurseries: Mapping[str, Nursery],
    doorways: Doorways,
    line: socket.socket,
    *,
    early: bool,
) -> int:
    """Serve until SIGTERM or SIGINT, then finish what was taken; the exit status. SIGUSR1: another one takes over.

    line: to the supervisor; when it goes dead, so does this process. early: take connections while models load, to say
    that they do; otherwise connections wait, or another process takes them.
    """
    many_files()
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        return runner.run(_Process(app, nurseries, doorways, line).run(early=early))


class _Threads(ThreadPoolExecutor):
    """For loading: whoever stops does not wait for a model that has not loaded yet. The process ends without a word."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as inherited
        super().shutdown(wait=False, cancel_futures=True)


class _Process:
    def __init__(
        self,
        app: App,
        nurseries: Mapping[str, Nursery],
        doorways: Doorways,
        line: socket.socket,
    ) -> None:
        self._app = app
        self._nurseries = nurseries
        self._doorways = doorways
        self._line = line
        self._opened = Opened([])
        self._beat = Beat()
        self._listeners: set[Listener] = set()
        self._doors: list[Door] = []
        self._beside = Beside()
        self._stop = asyncio.Event()
        self._hurry = self._replaced = False

    async def run(self, *, early: bool) -> int:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(_Threads())
        settings = self._app.plane.settings
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGUSR1, self._hand_over)
        self._app.plane.record(loop)
        if early:
            await self._listen()
        beating = loop.create_task(self._keep_beating())
        try:
            status = await self._until_stopped()
            self._app.plane.stopping = True  # and so callers are told to close, who then reach another process
            if status == 0 and not self._hurry and not self._replaced:
                self._tell("stopping")
                await asyncio.sleep(settings.drain_delay_s)
            self._close()
            if status:
                self._turn_away()  # what waits would wait in vain
            linger_s = 0.0 if status or self._hurry else _LINGER_S
            patience_s = settings.drain_timeout_s
            await asyncio.gather(self._drained(linger_s, patience_s), self._beside.drain(patience_s))
        finally:
            beating.cancel()
            self._close()
            self._turn_away()
            self._beside.close()
            self._opened.close()
            if self._app.plane.recorder is not None:
                self._app.plane.recorder.scribe.close()
            self._app.guard.close()
        return status

    def _turn_away(self) -> None:
        for endpoint in everything(self._app.plane.endpoints).values():
            endpoint.close()

    def _interrupt(self) -> None:
        """Somebody at a terminal does not want to wait for callers who are silent."""
        self._hurry = True
        self._stop.set()

    def _hand_over(self) -> None:
        """Another process takes new connections already: nobody has to be waited for."""
        self._replaced = True
        self._beside.freeze()
        self._stop.set()

    async def _listen(self) -> None:
        if not self._doors:
            loop, ways = asyncio.get_running_loop(), self._doorways
            for one in (ways.http, *ways.more):
                self._doors.append(Door(lambda: Listener(self._app, self._listeners, loop), ways.tls, "http/1.1"))
                await self._doors[-1].open(one)
            grpc = () if ways.grpc is None else (ways.grpc, *ways.more_grpc)
            self._beside = await open_beside(self._app, grpc, ways.tls)

    def _close(self) -> None:
        for door in self._doors:
            door.close()

    async def _until_stopped(self) -> int:
        """Load, say so, and wait for the end; the exit status."""
        loading = asyncio.ensure_future(open_endpoints(self._app.plane, self._nurseries, self._opened))
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({loading, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
            return 0
        try:
            loading.result()
        except TrimtabError as error:
            stop.cancel()
            self._tell("failed", error)
            return error.exit_status
        keep_freed()  # not before: what loading needed for a while is not for requests
        self._app.attach(asyncio.get_running_loop())
        await self._listen()
        self._tell("ready")
        while not stop.done():
            await asyncio.wait({stop}, timeout=BEAT_S)
            if self._opened.lost:
                stop.cancel()
                return _LOST
        return 0

    def _tell(self, state: str, error: TrimtabError | None = None) -> None:
        problems = () if error is None else error.problems
        self._beat = Beat(state, _short(problems), isinstance(error, OutsideError))
        self._send()

    def _send(self) -> None:
        self._beat.pids = self._opened.pids
        if self._beat.state == "ready":
            found = everything(self._app.plane.endpoints).items()
            self._beat.unfit = {key: one.reason for key, one in found if one.state == "unfit"}
        try:
            self._line.send(_encode(self._beat))
        except BlockingIOError:
            return  # the supervisor is behind; it has enough to read
        except OSError:
            self._stop.set()  # it has gone

    async def _keep_beating(self) -> None:
        while True:
            self._send()
            self._app.look()
            if self._app.plane.recorder is not None:
                self._app.plane.recorder.scribe.look()
            await asyncio.sleep(BEAT_S)

    async def _drained(self, linger_s: float, patience_s: float) -> None:
        """Wait for the answers that are owed, as long as there is patience.

        A caller that keeps its connection may be about to ask: for a while it is still answered, and told to close.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        while self._listeners and loop.time() - start < patience_s:
            if loop.time() - start >= linger_s:
                for listener in tuple(self._listeners):
                    listener.drain()
            await asyncio.sleep(_DRAIN_LOOK_S)
        self._app.plane.end_streams()
        for listener in tuple(self._listeners):
            listener.end()


def _short(problems: Sequence[Problem]) -> list[Problem]:
    """As much of them as one message to the supervisor holds."""
    shown, room = problems[:_PROBLEMS], _SAID // min(max(len(problems), 1), _PROBLEMS)
    return [replace(one, what=f"{one.what[:room]} ...") if len(one.what) > room else one for one in shown]


def many_files() -> None:
    """A connection is a descriptor: as many as the system allows this process."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

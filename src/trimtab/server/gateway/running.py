"""A gateway at work: in a thread of its own, so that a director may steer it and wait for what comes of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Self, TypeVar

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.server.gateway.binding import address_of, bound, guarded
from trimtab.server.gateway.gateway import Gateway
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.gateway.state import read_state, write_state
from trimtab.server.logs import Log, to_stderr
from trimtab.server.process import event_loop
from trimtab.server.renewal import Renewal

__all__ = ["Running"]

_PATIENCE_S = 5.0
Found = TypeVar("Found")


class Running:
    """`with Running(settings) as gateway:` answers until the end of the block, and then what was taken."""

    def __init__(self, settings: GatewaySettings, log: Log = to_stderr) -> None:
        """Nothing is bound yet; raises UserError P303, P304, P306, P376 for what cannot work, when entered."""
        self._settings, self._log = settings, log
        self._thread = threading.Thread(target=self._run, name="trimtab-gateway", daemon=True)
        self._up: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._gateway: Gateway | None = None
        self.address = ""

    def __enter__(self) -> Self:
        """It takes connections."""
        settings = self._settings
        hint = "where the backends ask, say `--insecure`; or `--listen 127.0.0.1:PORT`, behind what asks"
        guarded(settings.serving, "trimtab fly --listen", hint)
        self._tls = Renewal(settings.serving)
        self._state = read_state(settings.state, str(settings.champion), str(settings.challenger))
        self._socket = bound(settings.serving)
        self.address = address_of(self._socket, settings.serving)
        self._thread.start()
        self._up.result()
        return self

    def __exit__(self, *_: object) -> None:
        """It finishes what was taken."""
        self.close()

    def close(self) -> None:
        """No more is taken; returns when what was taken is finished. May be said twice."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # it has ended a moment ago
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=event_loop()) as runner:
                runner.run(self._main())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            if not self._up.done():
                self._up.set_exception(error)
            else:
                self._log("gateway ended", {"level": "error", "error": repr(error)})
        finally:
            self._socket.close()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._gateway = gateway = Gateway(self._settings, self._state, self._log)
        if self._settings.grpc is None:
            await gateway.run(self._socket, self._tls, lambda: self._up.set_result(None), self._stop)
            return
        from trimtab.server.gateway.grpc import passing

        async with passing(self._settings, gateway.around):
            await gateway.run(self._socket, self._tls, lambda: self._up.set_result(None), self._stop)

    def _call(self, what: Callable[[Gateway], Found]) -> Found:
        """Do it on the gateway's thread; OutsideError P377 where it has ended."""
        loop, gateway = self._loop, self._gateway
        found: Future[Found] = Future()

        def do() -> None:
            try:
                found.set_result(what(gateway))  # type: ignore[arg-type]
            except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
                found.set_exception(error)

        try:
            assert loop is not None  # noqa: S101 - it is entered; mypy does not see it
            loop.call_soon_threadsafe(do)
            return found.result(_PATIENCE_S)
        except (RuntimeError, TimeoutError):
            raise OutsideError(Problem("P377", "the gateway does not answer any more", self.address)) from None

    def status(self) -> FlightStatus | None:
        """See `Flown`."""
        return self._call(Gateway.status)

    def steer(self, traffic: Traffic, lease_s: float) -> None:
        """See `Flown`."""
        self._call(lambda gateway: gateway.steer(traffic, lease_s))

    def begin(self, flight: str) -> None:
        """A flight of this id begins, weight nothing; may be said twice."""
        self._call(lambda gateway: gateway.begin(flight))

    def promote(self) -> None:
        """See `Flown`: written down first, which is when it has happened."""
        state = self._call(Gateway.promoted)
        write_state(self._settings.state, state)  # on this thread: the disk may take its time
        self._call(lambda gateway: gateway.promote(state))

    def end(self) -> None:
        """See `Flown`."""
        self._call(Gateway.end)

    @property
    def promoted(self) -> bool:
        """Whether it was promoted before this gateway was started."""
        return self._state.answers == str(self._settings.challenger)

    @property
    def answers(self) -> str:
        """The address of the champion, as of now."""
        return self._call(lambda gateway: str(gateway.around.sides["champion"].backend))

"""Sockets to events and answers to sockets: one asyncio Protocol a connection, answers in request order."""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from time import time
from typing import Final, cast

from trimtab.server.alarm import Alarm
from trimtab.server.answers import Answers
from trimtab.server.connection import Connection, Phase
from trimtab.server.express.leaving import Ready
from trimtab.server.faults import GONE
from trimtab.server.guard.certificates import peer_of
from trimtab.server.patience import Patience
from trimtab.server.readers import Reader, unread
from trimtab.server.slot import Slot
from trimtab.server.streaming import Stream, Streamed, head
from trimtab.server.wire import CONTINUE, Refusal, Request, date_of, serialise, start

__all__ = ["Listener"]

_JSON: Final = b"application/json"
_PIPELINE: Final = 64  # requests of one connection that may wait for their answers before reading stops


class Listener(asyncio.Protocol):
    """One connection. Answers leave in the order of their requests, whenever the engine has them."""

    def __init__(self, app: Answers, open_ones: set[Listener], loop: asyncio.AbstractEventLoop) -> None:
        """open_ones: every connection of the server puts itself in here while it is open."""
        self._app = app
        self._lanes = app.lanes
        self._open = open_ones
        self._loop = loop
        self._connection = Connection(app.plane.settings.limits)
        self._slots: deque[Slot] = deque()
        self._transport: asyncio.Transport | None = None
        self._alarm = Alarm(loop, self._expire)  # at the end of the caller's time
        self._time = Patience(app.plane.settings)
        self._reader = Reader()
        self._patience: asyncio.TimerHandle | None = None
        self._idle_s = app.plane.settings.idle_timeout_s
        self._patience_s = app.plane.settings.write_timeout_s
        self._stream: Stream | None = None  # the answer whose turn it is, if its parts come one by one
        self._reading = True
        self._blocked = self._ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A caller is there, known as `peer`; the time for its first head runs."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's looks like one and is none
        self.peer = peer_of(transport, self._app.plane.settings.guard.certificates)
        self._open.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name that asyncio gives
        """The caller has gone: what waits for it is not asked any more."""
        self._transport = None
        self._open.discard(self)
        self._alarm.stop()
        self._stop_patience()
        self._forget()

    def pause_writing(self) -> None:
        """The caller reads too slowly: nothing more is taken from it, and it has so long to catch up."""
        self._blocked = True
        self._pause()
        self._patience = self._loop.call_later(self._patience_s, self._abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        self._blocked = False
        self._stop_patience()
        self._resume()
        if self._stream is not None:
            self._stream.go_on()
        self._wait()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _stop_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _pause(self) -> None:
        if self._reading and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()

    def _resume(self) -> None:
        waits = self._blocked or len(self._slots) >= _PIPELINE
        if not self._reading and not waits and not self._ending and self._transport is not None:
            self._reading = True
            self._transport.resume_reading()

    def _forget(self) -> None:
        """Drop all answers that are owed, and the calls behind them."""
        dropped, self._slots, self._stream = self._slots, deque(), None
        for slot in dropped:
            if slot.call is not None:
                slot.call.settle(GONE)

    def data_received(self, data: bytes) -> None:
        """Work off what has arrived."""
        lanes, whole = self._lanes, self._connection.idle
        if lanes is not None and whole and not self._slots and lanes.take(data, self):
            return
        for event in self._connection.receive(data):
            if isinstance(event, Request):
                # head and body came one after the other, as many clients send them
                if lanes is None or whole or self._slots or not lanes.take_read(event, self):
                    self._take(event)
            elif isinstance(event, Refusal):
                self._refuse(event)
            else:
                self._write(CONTINUE)
        self._wait()

    def tell(self, rest: bytes) -> None:
        """Answer at once."""
        self._write(start(200, _JSON, date_of(int(time())), True) + rest)
        self._alarm.set(inf if self._blocked or self._ending else self._loop.time() + self._idle_s)

    def owe(self) -> Slot:
        """Answer later."""
        slot = Slot(self.send_due, keep_alive=True, body=True)
        self._slots.append(slot)
        self._alarm.set(inf)
        return slot

    def _take(self, request: Request) -> None:
        self._time.anew()
        keep_alive = request.keep_alive and not self._app.plane.stopping
        slot = Slot(self.send_due, keep_alive, request.method != b"HEAD")
        self._slots.append(slot)
        call = self._app.answer(request, slot.put, self.peer)
        if slot.answer is None:
            slot.call = call
        if len(self._slots) >= _PIPELINE:
            self._pause()

    def _refuse(self, refusal: Refusal) -> None:
        slot = Slot(self.send_due, keep_alive=False, body=True)
        self._slots.append(slot)
        slot.put(self._app.refuse(refusal))

    def send_due(self) -> None:
        """Send every answer that is there and has none before it that is not."""
        slots = self._slots
        while slots and (due := slots[0].answer) is not None:
            if type(due) is Streamed:
                self._begin(due, slots[0])
                break  # what lies behind waits for its end
            first, date = slots.popleft(), date_of(int(time()))
            if isinstance(due, Ready):
                self._write(start(200, _JSON, date, first.keep_alive) + due.rest)
            else:
                self._write(serialise(due, keep_alive=first.keep_alive, body=first.body, date=date))
            if not first.keep_alive:
                self.end()
        if not self._reading:
            self._resume()
        self._wait()

    def _begin(self, due: Streamed, slot: Slot) -> None:
        if self._stream is None:
            self._stream = stream = due.stream
            slot.keep_alive = slot.keep_alive and stream.chunked
            begin = head(due, keep_alive=slot.keep_alive, chunked=stream.chunked, date=date_of(int(time())))
            stream.flow(begin, lambda data, last: self._event(stream, data, last=last))

    def _event(self, stream: Stream, data: bytes, *, last: bool) -> None:
        """A part, or the end; the model goes on when the caller can take more."""
        if self._stream is not stream:
            return
        self._write(data)
        if last:
            self._stream = None
            if not self._slots.popleft().keep_alive:
                self.end()
            self.send_due()
        elif not self._blocked:
            stream.go_on()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._ending:
            self._transport.write(data)

    def end(self) -> None:
        """Close after what was written has left."""
        self._ending = True
        self._forget()
        if self._transport is not None:
            self._transport.close()

    def drain(self) -> None:
        """Close now if nothing is owed to the caller, else with the last answer that is."""
        if not self._slots:
            self.end()
        else:
            self._slots[-1].keep_alive = False

    def _wait(self) -> None:
        """Set the time that the caller has for what comes next; none runs while we owe an answer, or it is read."""
        if self._slots or self._blocked:
            self._time.anew()
            self._alarm.set(inf)
            return
        if self._transport is None or self._ending:
            return
        self._alarm.set(self._time.until(self._connection.phase, self._connection.received, self._loop.time()))

    def _expire(self) -> None:
        """Time is up: close what is idle, say what did not arrive."""
        if self._transport is None or self._ending:
            return
        match self._connection.phase:
            case Phase.HEAD:
                self._refuse(Refusal(408, "the head did not arrive in time"))
            case Phase.BODY:
                self._refuse(Refusal(408, "the body did not go on in time"))
            case _ if (
                does := self._reader.look(unread(self._transport), self._alarm.until, self._patience_s)
            ) == "reads":
                self._wait()
            case _:
                (self._abort if does == "deaf" else self.end)()

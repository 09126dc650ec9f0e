"""One connection to a backend: an asyncio Protocol over the parser in `answers.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from trimtab.server.gateway.answers import Answers, MalformedError
from trimtab.server.gateway.asking import Asker, Broken, Ending

__all__ = ["Upstream"]


class Upstream(asyncio.Protocol):
    """Asks one request at a time. `free` is called when it may be asked again, `lost` when it is closed."""

    __slots__ = ("_answers", "_asker", "_free", "_heard", "_lost", "_reading", "_transport", "_used", "_whole", "since")

    def __init__(self, free: Callable[[Upstream], None], lost: Callable[[Upstream], None]) -> None:
        """Not connected yet."""
        self._free, self._lost = free, lost
        self._answers = Answers()
        self._asker: Asker | None = None
        self._transport: asyncio.Transport | None = None
        self._heard = self._used = False
        self._whole = True  # the request was sent to its end
        self._reading = True
        self.since = 0.0  # when it was given back

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The backend has taken it."""
        self._transport = cast(asyncio.Transport, transport)  # as in `listener.py`

    @property
    def open(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, asker: Asker, data: bytes, *, bare: bool, last: bool) -> None:
        """See `Line`."""
        self._asker = asker
        self._heard = False
        self._whole = last
        self._answers.expect(bare=bare)
        assert self._transport is not None  # noqa: S101 - it is asked when it is open; mypy does not see it
        self._transport.write(data)

    def send(self, data: bytes, *, last: bool) -> None:
        """See `Line`."""
        self._whole = last
        if self._transport is not None:
            self._transport.write(data)

    def pause(self, *, reading: bool) -> None:
        """See `Line`."""
        if self._transport is not None and reading is not self._reading and not self._transport.is_closing():
            self._reading = reading
            (self._transport.resume_reading if reading else self._transport.pause_reading)()

    def abort(self) -> None:
        """See `Line`."""
        self._asker = None
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Not needed any more."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Some of an answer; what nobody has asked for ends the connection."""
        asker = self._asker
        if asker is None:
            self.abort()
            return
        self._heard = True
        try:
            head, piece = self._answers.receive(data)
        except MalformedError as error:
            self._break("malformed", str(error))
            return
        if self._answers.done:
            self._end(asker, piece, first=head is not None)
        elif head is not None or piece:
            asker.heard(head, piece, last=False)

    def _end(self, asker: Asker, piece: bytes, *, first: bool) -> None:
        head = self._answers.head
        self._asker = None
        again = head is not None and head.kept and self._whole and not self._answers.over
        asker.heard(head if first else None, piece, last=True)
        if again and self.open:
            self._used = True
            self.pause(reading=True)
            self._free(self)
        else:
            self.close()

    def eof_received(self) -> None:
        """The backend says nothing more: the end of an answer whose end nothing else tells."""
        asker = self._asker
        if asker is not None and self._answers.close():
            self._asker = None
            asker.heard(None, b"", last=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whichever side."""
        self._transport = None
        self._lost(self)
        if self._asker is not None and exc is None and self._answers.close():
            self.eof_received()
        self._break("closed", "it closed the connection" if exc is None else str(exc).lower())

    def _break(self, ending: Ending, why: str) -> None:
        asker = self._asker
        if asker is not None:
            broken = Broken(ending, why, self._heard, self._used)
            self.abort()
            asker.broke(broken)

    def pause_writing(self) -> None:
        """The backend reads slowly."""
        if self._asker is not None:
            self._asker.full(full=True)

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._asker is not None:
            self._asker.full(full=False)

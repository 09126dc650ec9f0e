"""What passes between those who ask a backend, the connections to it, and the callers for whom they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from trimtab.server.gateway.answers import AnswerHead

__all__ = ["Asker", "Broken", "Caller", "Ending", "Line"]

# refused: no connection, so nothing was sent; full: too many connections already; closed: by the backend; malformed:
# what it says is no answer; late: its time was over
Ending: TypeAlias = Literal["refused", "full", "closed", "malformed", "late"]


@dataclass(frozen=True, slots=True)
class Broken:
    """There is no answer, or no end of it. heard: some of it came. kept: on a connection that had answered before."""

    ending: Ending
    why: str
    heard: bool = False
    kept: bool = False


class Line(Protocol):
    """A connection to a backend, as who asks sees it."""

    def ask(self, asker: Asker, data: bytes, *, bare: bool, last: bool) -> None:
        """Send a request's head and the beginning of its body. bare: by HEAD. last: the body is whole."""

    def send(self, data: bytes, *, last: bool) -> None:
        """Send more of the body."""

    def pause(self, *, reading: bool) -> None:
        """Whether more of the answer can be taken."""

    def abort(self) -> None:
        """Nobody waits for the answer any more."""


class Asker(Protocol):
    """Who asks a backend; told everything on the loop's thread. `gone`: not any more."""

    @property
    def gone(self) -> bool:
        """Whether it no longer waits."""

    def connected(self, line: Line) -> None:
        """Here is a connection, to be asked at once."""

    def heard(self, head: AnswerHead | None, piece: bytes, *, last: bool) -> None:
        """The head, more of the body, or both. After the last piece the connection is another's."""

    def broke(self, broken: Broken) -> None:
        """There will be nothing more."""

    def full(self, *, full: bool) -> None:
        """Whether the backend is behind with reading what was sent."""


class Caller(Protocol):
    """The connection that a request came on."""

    address: str
    secure: bool

    def write(self, data: bytes) -> None:
        """Some of the answer."""

    def pause(self, *, reading: bool) -> None:
        """Whether more of the request can be taken."""

    def ended(self, *, keep_alive: bool) -> None:
        """The answer is whole."""

    def abort(self) -> None:
        """The answer breaks off, and must not look whole."""

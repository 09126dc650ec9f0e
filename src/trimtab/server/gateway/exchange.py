"""One request on its way: an arm is chosen and asked, its answer passes through, and what came of it is counted."""

from __future__ import annotations

from math import inf
from time import time
from typing import Final

from trimtab.core.traffic import Arm
from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.asking import Broken, Caller, Line
from trimtab.server.gateway.outgoing import answer_head, asks_upgrade, framing, is_safe, request_head
from trimtab.server.gateway.reckoning import LEFT, Reckoning
from trimtab.server.gateway.refusals import broken_answer, upgrade_answer
from trimtab.server.wire import Answer, Request, date_of, serialise

__all__ = ["Exchange"]

_BARE: Final = frozenset({204, 304})
_LAST: Final = b"0\r\n\r\n"


class Exchange:
    """An `Asker`. Nothing is sent a second time but what was provably not sent, or may be sent twice."""

    __slots__ = (
        "_again", "_around", "_body", "_caller", "_chunked", "_head", "_http", "_keep", "_line", "_pending", "_reckon",
        "_side", "_until", "_whole", "chunks", "deadline", "gone",
    )  # fmt: skip

    def __init__(self, around: Around, caller: Caller, http: Request, *, chunked: bool) -> None:
        """chunked: how its body comes."""
        self._around, self._caller, self._http = around, caller, http
        self._reckon = Reckoning(around, http)
        self._side = around.sides["champion"]
        self._line: Line | None = None
        self._head: AnswerHead | None = None
        self._pending: list[bytes] = []  # of the body, until there is a connection
        self._body = b""  # all of it, where it came with the head
        self._again = self._whole = self._chunked = self.gone = False
        self._keep = True
        self.chunks = chunked
        self.deadline = self._until = inf

    def begin(self, body: bytes, *, last: bool) -> None:
        """Choose and ask; body: what came of it with the head."""
        around, http = self._around, self._http
        self._body, self._whole = body, last
        if not last and body:
            self._pending.append(body)
        if protocol := asks_upgrade(http.headers):
            self._say(upgrade_answer(protocol))
            return
        if (own := around.own.get(http.path)) is not None:
            self._say(own())
            return
        self._reckon.choose(body)
        around.deadlines.waiting.add(self)
        arm = self._reckon.choice.arm
        self._ask(arm if arm in around.sides else "champion")

    def _ask(self, arm: Arm) -> None:
        self._side = side = self._around.sides[arm]
        side.pool.take(self, safe=is_safe(self._http.method))

    def send(self, data: bytes, *, last: bool) -> None:
        """More of the request's body."""
        self._whole = last
        if self._reckon.request is not None:
            self._reckon.request.add(data)
        if self._line is None:
            self._pending.append(data)
            self._caller.pause(reading=False)
        else:
            self._line.send(self._piece(data, last=last), last=last)
        if last:
            self._wait()

    def _piece(self, data: bytes, *, last: bool) -> bytes:
        if not self.chunks:
            return data
        return (b"%x\r\n%b\r\n" % (len(data), data) if data else b"") + (_LAST if last else b"")

    def connected(self, line: Line) -> None:
        """See `Asker`."""
        http, caller = self._http, self._caller
        self._line = line
        head = request_head(http, self._side.backend, caller.address, secure=caller.secure)
        bare = http.method == b"HEAD"
        if self._whole and not self._pending:
            line.ask(self, b"%b%b%b" % (head, framing(http, len(self._body)), self._body), bare=bare, last=True)
        else:
            length = -1 if self.chunks else int(http.headers[b"content-length"])
            body = self._piece(b"".join(self._pending), last=self._whole)
            self._pending.clear()
            self._body = b""
            line.ask(self, b"%b%b%b" % (head, framing(http, length), body), bare=bare, last=self._whole)
            caller.pause(reading=True)
        self._wait()

    def _wait(self) -> None:
        """The answer's time runs when the request is whole."""
        if self._whole and self._head is None and self._line is not None:
            self._until = self._around.clock() + self._around.settings.answer_s
            self.deadline = self._reckon.look(self._side, self._until)

    def late(self, now: float) -> None:
        """See `Waits`."""
        if now < self._until:
            self.deadline = self._reckon.look(self._side, self._until)
            return
        self._give_up()
        self.broke(Broken("late", "nothing came for too long"))

    def _give_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.abort()

    def heard(self, head: AnswerHead | None, piece: bytes, *, last: bool) -> None:
        """See `Asker`."""
        if self._reckon.answer is not None:
            self._reckon.answer.add(piece)
        data = self._body_piece(piece, last=last) if head is None else self._begin_answer(head, piece, last=last)
        if last:
            self._line = None
            self._end(data)
            return
        self.deadline = self._until = self._still
        self._caller.write(data)

    def _begin_answer(self, head: AnswerHead, piece: bytes, *, last: bool) -> bytes:
        http = self._http
        self._head = head
        bodiless = http.method == b"HEAD" or head.status in _BARE
        self._chunked = not bodiless and head.length < 0 and not http.old
        ends = bodiless or head.length >= 0 or self._chunked
        self._keep = http.keep_alive and ends and self._whole and not self._around.stopping
        text = answer_head(head, self._side.revision, keep_alive=self._keep, chunked=self._chunked)
        return text + self._body_piece(piece, last=last)

    def _body_piece(self, piece: bytes, *, last: bool) -> bytes:
        if not self._chunked:
            return piece
        return (b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"") + (_LAST if last else b"")

    def broke(self, broken: Broken) -> None:
        """See `Asker`."""
        self._line = None
        around, side = self._around, self._side
        if broken.ending == "refused":
            around.suspect(side.arm)
        if self._head is None and self._once_more(broken):
            return
        if self._head is not None:
            self._reckon.count(self._side, 502)
            self._leave(502, broken.ending)
            self._caller.abort()
            return
        around.log("no answer", {"level": "error", "arm": side.arm, "backend": str(side.backend), "why": broken.why})
        answer = broken_answer(side.arm, broken)
        self._reckon.count(self._side, answer.status)
        self._say(answer, broken.ending)

    def _once_more(self, broken: Broken) -> bool:
        """Whether it is asked again: over a new connection, or the champion where the challenger took none."""
        if broken.ending == "refused" and self._side.arm == "challenger" and self._reckon.choice.counted:
            self._reckon.count(self._side, 502)
            self._ask("champion")
            return True
        unsent = broken.ending == "closed" and broken.kept and not broken.heard
        if unsent and not self._again and is_safe(self._http.method) and self._whole and not self.chunks:
            if len(self._body) < int(self._http.headers.get(b"content-length", b"0")):
                return False  # it came in pieces, which are gone
            self._again = True
            self._side.pool.connect(self)
            return True
        return False

    def full(self, *, full: bool) -> None:
        """See `Asker`; a backend that reads no more of a request has its time, too."""
        if not self._whole:
            self._caller.pause(reading=not full)
            self._until = self.deadline = self._still if full else inf

    def take(self, *, more: bool) -> None:
        """Whether the caller can take more of the answer; it is not the backend who is late meanwhile."""
        if self._line is not None:
            self._line.pause(reading=more)
            if self._head is not None:
                self._until = self.deadline = self._still if more else inf

    @property
    def _still(self) -> float:
        return self._around.clock() + self._around.settings.still_s

    def left(self) -> None:
        """The caller has gone; what it did not wait for took at least so long."""
        self._give_up()
        self._reckon.count(self._side, LEFT)
        self._leave(LEFT, "")

    def refuse(self, answer: Answer) -> bool:
        """What came of the request's body is none: whether the caller can still be told."""
        self._give_up()
        self._whole = False
        begun = self._head is not None
        self._reckon.counted = False
        if begun:
            self._leave(answer.status, "")
        else:
            self._say(answer)
        return not begun

    def _say(self, answer: Answer, error: str = "") -> None:
        """An answer of our own."""
        keep = self._http.keep_alive and self._whole and not self._around.stopping
        data = serialise(answer, keep_alive=keep, body=self._http.method != b"HEAD", date=date_of(int(time())))
        self._keep = keep
        self._leave(answer.status, error)
        self._caller.write(data)
        self._caller.ended(keep_alive=keep)

    def _end(self, data: bytes) -> None:
        head = self._head
        assert head is not None  # noqa: S101 - the last piece comes behind it; mypy does not see it
        self._caller.write(data)
        self._reckon.count(self._side, head.status)
        self._caller.ended(keep_alive=self._keep and self._whole)
        self._leave(head.status, "")

    def _leave(self, status: int, error: str) -> None:
        self.gone = True
        self._around.deadlines.waiting.discard(self)
        self._reckon.over(self._side, self._head, status, error)

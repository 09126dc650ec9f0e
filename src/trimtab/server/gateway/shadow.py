"""Asks the challenger what the champion has answered: after that answer has left, a few at a time, dropped first."""

from __future__ import annotations

from typing import Final

from trimtab.server.gateway.around import Around, Ended
from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.collecting import Collected, Collecting
from trimtab.server.gateway.compare import agree
from trimtab.server.gateway.outgoing import framing, request_head

__all__ = ["Shadow"]

_FAILED: Final = 500
_ANSWERED: Final = 400  # what the champion refuses is compared by its status alone


class Shadow:
    """A `Listens`: everything on the loop's thread. Its answers are seen by nobody."""

    def __init__(self, around: Around) -> None:
        """No request is mirrored yet."""
        self._around = around
        self._asked = 0  # that have no answer yet

    def ended(self, ended: Ended) -> None:
        """The champion has answered: ask the challenger the same, or drop it for want of room."""
        around = self._around
        side = around.sides.get("challenger")
        if ended.side.arm != "champion" or side is None or ended.status >= _FAILED or not ended.status:
            return
        if ended.request is None or self._asked >= around.settings.shadows or around.choosing.ejected:
            around.tally.dropped += 1
            return
        around.tally.mirrored += 1
        self._asked += 1
        start = around.clock()
        data = request_head(ended.http, side.backend, "", secure=False) + framing(ended.http, len(ended.request))

        def told(what: Collected | Broken) -> None:
            self._asked -= 1
            if isinstance(what, Broken):
                around.tally.failed += 1
                return
            around.tally.delayed(around.clock() - start)
            self._compare(ended, what)

        bare = ended.http.method == b"HEAD"
        asking = Collecting(data + ended.request, around.settings.body, told, bare=bare)
        asking.until(start + around.settings.answer_s, around.deadlines)
        side.pool.take(asking, safe=True)  # that it may be sent twice hurts nobody: a shadow's answer is not used

    def _compare(self, ended: Ended, shadow: Collected) -> None:
        tally = self._around.tally
        if shadow.status >= _FAILED:
            tally.failed += 1
        elif (ended.status < _ANSWERED) is not (shadow.status < _ANSWERED):
            tally.compared += 1
            tally.disagreed += 1
        elif ended.json and shadow.json and ended.answer is not None and shadow.body is not None:
            same = agree(ended.answer, shadow.body, self._around.settings.tolerance)
            if same is not None:
                tally.compared += 1
                tally.disagreed += not same

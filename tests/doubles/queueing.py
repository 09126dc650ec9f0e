"""One caller whose requests are read on the lane, and the turns of the loop in which they are answered."""

from __future__ import annotations

from tests.doubles.laned import Engine, Server, endpoint_of, foreign, matrix, tensors

from trimtab.server.engines import Done
from trimtab.server.engines.inline import attempt
from trimtab.server.settings import Settings

MATRIX = matrix("FP32")
BODY = tensors(("x", "FP32", [1, 3], "[1,2,3]"))


class Sure(Engine):
    """Says what has failed."""

    def start(self, table, patience_s, ended, part=None):  # noqa: ARG002 - the names that `Engine` gives
        outcome = attempt(self._predictor, table)
        ended(Done(outcome.outputs, 1e-6) if isinstance(outcome, Done) else outcome)


def sure(server: Server) -> None:
    """Its queue is told what has failed, and tells callers so."""
    batcher = server.endpoint.batcher
    batcher._engine = Sure(batcher._engine._predictor)
    batcher._failed = lambda call, failed: server.plane.failed(server.endpoint, call, failed)


class Story(Server):
    """Its first request was read in full; the queue is in the test's hands.

    together: what comes in one turn is answered together.
    """

    def __init__(self, signature=MATRIX, body=BODY, model=foreign, *, together=False, **settings):
        self.waiting = []
        soon = self.waiting.append if together else None
        super().__init__(endpoint_of(signature, model, soon=soon), Settings(**settings))
        sure(self)
        self.caller = self.connect()
        self.endpoint.at_once = None
        if together:
            self.endpoint.reading._find_enough, self.endpoint.reading._enough = lambda: 64, 64
        self.caller.asks(body)
        self.endpoint.batcher._soon = self.waiting.append

    def says(self, body=BODY, more=""):
        """Whether the lane took it, and what was answered at once."""
        before = self.asked
        found = self.caller.asks(body, more)
        return self.asked == before, found

    def turn(self):
        turns, self.waiting[:] = list(self.waiting), []
        for turn in turns:
            turn()
        return self.caller.heard()

    def hears(self, body=BODY, more=""):
        """What is answered in the end."""
        found = self.caller.asks(body, more)
        while self.waiting:
            found += self.turn()
        return found


def status(answers):
    return [int(answer.split()[1]) for answer in answers]

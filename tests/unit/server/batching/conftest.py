"""A queue whose engine, turns and clock are in the test's hands."""

import numpy as np
import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.table import Column, Table
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.batching.call import Call
from trimtab.server.batching.curve import Curve


class Engine:
    """Notes what is started; the test ends it."""

    def __init__(self, free):
        self.free = free
        self.started = []

    def start(self, table, patience_s, ended, part=None):
        self.free -= 1
        self.part = part
        self.started.append((table.height, patience_s, ended))

    def end(self, outcome):
        self.free += 1
        self.started.pop(0)[2](outcome)

    def close(self):
        """Nothing to let go of."""


class Kit:
    def __init__(self, free=1, points=(), **limits):
        self.engine, self.turns, self.told, self.curve = Engine(free), [], [], Curve()
        for rows, seconds in points:
            self.curve.note(rows, seconds)
        outputs = frozenset({"y"})
        self.now = 0.0
        self.batcher = Batcher(
            self.engine,
            BatchLimits(**limits),
            self.curve,
            self.turns.append,
            self.failed,
            outputs,
            clock=lambda: self.now,
        )

    def failed(self, _call, why):
        return OutsideError(Problem("P318", why.how))

    def submit(self, height=1):
        call = Call(Table({"x": Column(np.ones(height))}, height), 1e9, self.told.append)
        self.batcher.submit(call)
        return call

    def turn(self):
        turns, self.turns[:] = list(self.turns), []
        for run in turns:
            run()

    @property
    def heights(self):
        return [height for height, _, _ in self.engine.started]


@pytest.fixture(name="Kit")
def kit():
    """The class, to be made with the limits of a test."""
    return Kit

"""A pool over a nursery that lives in memory: its workers are the other ends of real channels."""

import os
from collections import deque
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.server.workers.channel import ChannelEnds
from trimtab.server.workers.child import READY
from trimtab.server.workers.nursery import Event, Ready
from trimtab.server.workers.pool import Pool, PoolSettings

TABLE = Table({"x": Column(np.arange(3.0))}, 3)


class Nursery:
    """Keeps the workers' ends in this process; `says` is what it tells next, None its end."""

    def __init__(self):
        self.lines, self.killed, self.says, self.gone, self.closed = {}, [], deque(), False, False

    def fileno(self):
        return -1

    def spawn(self, worker, ends):
        if self.gone:
            raise BrokenPipeError
        self.lines[worker] = ChannelEnds.from_fds([os.dup(fd) for fd in ends.fds]).open()
        self.says.append(Event("started", worker, 100 + worker))

    def kill(self, worker):
        self.killed.append(worker)

    def event(self):
        if not self.says:
            raise BlockingIOError
        return self.says.popleft()

    def close(self):
        self.closed = True


class Loop:
    """Readers and timers of a loop that only the test turns."""

    def __init__(self):
        self.now, self.readers, self.timers = 100.0, {}, []

    def time(self):
        return self.now

    def add_reader(self, what, call, *args):
        self.readers[what] = lambda: call(*args)

    def remove_reader(self, what):
        self.readers.pop(what, None)

    def call_later(self, seconds, call, *args):
        timer = SimpleNamespace(at=self.now + seconds, call=lambda: call(*args))
        timer.cancel = lambda: timer in self.timers and self.timers.remove(timer)
        self.timers.append(timer)
        return timer

    def turn(self, seconds=0.0):
        for call in [*self.readers.values()]:
            call()
        self.now += seconds
        for timer in [timer for timer in self.timers if timer.at <= self.now]:
            self.timers.remove(timer)
            timer.call()


class Story:
    """A pool and what it has told."""

    def __init__(self, count=1, memory=0):
        self.nursery, self.loop, self.loaded, self.woken, self.events = Nursery(), Loop(), [], 0, []
        self.outcomes, self.threads = [], []
        settings = PoolSettings(count, memory)
        self.pool = Pool(self.nursery, settings, self.loop, self.loaded.append, self.wake, self.log)
        self.pool.open()

    def wake(self):
        self.woken += 1

    def log(self, event, _fields):
        self.events.append(event)

    def ready(self, *workers):
        for worker in workers:
            self.nursery.lines[worker].send(READY, [msgspec.json.encode(Ready(points={1: 0.5}))])
        self.loop.turn()
        for _ in workers:
            self.loop.turn()
        return self

    def start(self, table=TABLE):
        self.pool.start(table, 2.0, self.outcomes.append)

    def die(self, worker):
        self.nursery.lines.pop(worker).close()
        self.loop.turn()


@pytest.fixture
def story():
    told = []

    def begin(**settings):
        told.append(Story(**settings))
        return told[-1]

    yield begin
    for one in told:
        one.pool.close()
        assert (one.pool.free, one.nursery.closed, one.loop.readers) == (0, True, {})
        for thread in one.threads:
            thread.join(10)  # it works at a line until the pool has closed its end
        for line in one.nursery.lines.values():
            line.close()

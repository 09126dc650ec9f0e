"""What the server knows of one worker."""

import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.server.workers.channel import channel_pair
from trimtab.server.workers.child import ASK
from trimtab.server.workers.codec import unpack_table
from trimtab.server.workers.worker import Worker

TABLE = Table({"x": Column(np.arange(3.0))}, 3)


class Timer:
    cancelled = False

    def cancel(self):
        self.cancelled = True


def test_a_worker_is_asked_and_released_once():
    channel, ends = channel_pair()
    theirs = ends.open()
    worker = Worker(1, channel)
    told = [].append
    worker.ask(TABLE, told)
    kind, block = theirs.receive()
    assert (kind, unpack_table(block).columns["x"].values.tolist()) == (ASK, [0.0, 1.0, 2.0])
    worker.timer = timer = Timer()
    assert worker.release() is told
    assert timer.cancelled
    assert (worker.release(), worker.timer) == (None, None)
    theirs.close()
    with pytest.raises(OSError, match="Broken pipe"):
        worker.ask(TABLE, told)
    channel.close()

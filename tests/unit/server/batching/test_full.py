"""When a queue had better take no more."""

import numpy as np
import pytest

from trimtab.server.engines import Done


def done(rows, **outputs):
    return Done({"y": np.ones(rows), **outputs}, 0.001)


def test_a_queue_is_full_by_number_or_by_the_expected_wait(Kit):
    kit = Kit(free=0, calls=3)
    for expected in (False, False, True):
        kit.submit()
        assert kit.batcher.full is expected
    slow = Kit(free=0, points=[(1, 1.0)], rows=1, wait_s=3.5)
    assert slow.batcher.expected_wait_s() == 0.0
    for expected in (False, False, False, True):
        slow.submit()
        assert slow.batcher.full is expected
    assert slow.batcher.expected_wait_s() == pytest.approx(4.0)


def test_a_caller_who_waits_less_is_refused_sooner(Kit):
    kit = Kit(free=0, points=[(1, 1.0)], rows=1, wait_s=3.5)
    for _ in range(2):
        kit.submit()
    assert not kit.batcher.full
    assert kit.batcher.full_for(3.9)  # half of which is less than the two seconds that are expected
    assert not kit.batcher.full_for(4.1)


def test_what_calls_have_really_waited_counts_until_the_queue_is_short_again(Kit):
    kit = Kit(free=1, points=[(1, 0.001)], rows=1, wait_s=3.5)
    for _ in range(6):
        kit.submit()
    kit.now = 3.0
    kit.turn()  # the first one leaves, after three seconds where a few milliseconds were expected
    assert not kit.batcher.full
    assert kit.batcher.full_for(5.0)
    kit.now = 4.0
    kit.engine.end(done(1))
    kit.turn()
    assert kit.batcher.full
    kit.engine.end(done(1))
    kit.turn()
    assert not kit.batcher.full  # three wait beside one that runs
    kit.engine.end(done(1))
    kit.turn()
    kit.submit()
    kit.submit()
    kit.engine.end(done(1))
    kit.turn()
    kit.engine.end(done(1))
    kit.turn()
    kit.engine.end(done(1))
    kit.turn()
    assert not kit.batcher.full_for(0.1)

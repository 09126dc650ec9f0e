from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from trimtab.journal.segments.frames import Frame
from trimtab.server.journal.hand import BUSY, Hand, Waiting


def waiting(number: int) -> Waiting:
    return Waiting((Frame(2, b"%d" % number),), None, 1)


class Told:
    """What the hand says on the loop."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, OSError | None]] = []
        self.thread = 0
        self.came = asyncio.Event()

    def __call__(self, done: Sequence[Waiting], error: OSError | None) -> None:
        self.heard.append((len(done), error))
        self.thread = threading.get_ident()
        self.came.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self.came.wait(), 20)
        self.came.clear()


@pytest.mark.parametrize(("sync", "calls"), [(True, ["write", "sync", "turn"]), (False, ["write", "turn"])])
def test_what_waits_is_written_and_the_loop_is_told(pen, sync, calls):
    async def story():
        told = Told()
        hand = Hand(pen, asyncio.get_running_loop(), told, sync=sync)
        assert hand.waits == 0
        assert hand.take(waiting(1), 100)
        await told.wait()
        assert told.heard == [(1, None)]
        assert hand.waits == 0
        assert told.thread == threading.get_ident()
        assert hand.close() is None
        assert pen.calls[: len(calls)] == calls
        assert pen.calls[-2:] == ["sync", "close"]

    asyncio.run(story())


def test_what_comes_while_the_disk_is_busy_shares_the_next_sync(pen):
    async def story():
        told = Told()
        hand = Hand(pen, asyncio.get_running_loop(), told, sync=True)
        pen.goes.clear()
        hand.take(waiting(0), 100)
        await asyncio.to_thread(pen.reached.wait, 20)
        for number in range(1, 4):
            hand.take(waiting(number), 100)
        assert hand.waits == len(hand.waiting) == 4
        assert hand.write((Frame(2, b"x"),)) is BUSY
        pen.goes.set()
        while sum(count for count, _ in told.heard) < 4:
            await told.wait()
        assert told.heard == [(1, None), (3, None)]
        assert [frame.payload for frame in pen.written] == [b"0", b"1", b"2", b"3"]
        hand.close()

    asyncio.run(story())


def test_no_more_waits_than_there_is_room_for(pen):
    async def story():
        hand = Hand(pen, asyncio.get_running_loop(), Told(), sync=True)
        pen.goes.clear()
        taken = [hand.take(Waiting((Frame(2, b"x" * 40),)), 100) for _ in range(4)]
        pen.goes.set()
        hand.close()
        assert taken == [True, True, False, False]
        assert len(pen.written) == 2

    asyncio.run(story())


def test_an_error_is_told_with_those_whom_it_hits(pen):
    async def story():
        told = Told()
        hand = Hand(pen, asyncio.get_running_loop(), told, sync=False)
        pen.fails = OSError(28, "No space left on device")
        hand.take(waiting(1), 100)
        await told.wait()
        assert told.heard[0] == (1, pen.fails)
        assert hand.write((Frame(2, b"x"),)) is pen.fails
        pen.fails = None
        assert hand.close() is None

    asyncio.run(story())


def test_a_disk_that_does_not_answer_does_not_hold_up_the_end(pen):
    async def story():
        hand = Hand(pen, asyncio.get_running_loop(), Told(), sync=False)
        pen.goes.clear()
        hand.take(waiting(1), 100)
        assert str(hand.close(0.05)) == "the disk does not answer"
        pen.goes.set()

    asyncio.run(story())

from __future__ import annotations

import asyncio
import json
from collections import Counter
from types import SimpleNamespace

import pytest

from trimtab.journal.segments.frames import Frame, Kind
from trimtab.server.faults import OverloadedError
from trimtab.server.journal.scribe import Scribe, Way

FULL = OSError(28, "No space left on device")


class Desk:
    """A scribe in a loop, and what becomes of each frame that it is given."""

    def __init__(self, pen, **way):
        self.counted, self.logged, self.outcomes = Counter(), [], []
        self.scribe = Scribe(pen, Way(**way), asyncio.get_running_loop(), self.count, self.log)
        self.scribe.make = self.made

    def made(self, _trail, text, _seconds, _share):
        """The text, unless it is one that breaks."""
        if text == b"broken":
            raise ValueError("no record")
        return text

    def count(self, what, number):
        self.counted[what] += number

    def log(self, event, fields):
        self.logged.append((event, fields))

    def keep(self, text=b"x"):
        """The outcome, where it is known at once; otherwise it is among `outcomes` later."""
        outcome = self.scribe.keep((SimpleNamespace(id="3f-1"), text, 0.0, 1.0), self.outcomes.append)
        return self.outcomes.append(outcome) or outcome if outcome else None

    async def until(self, count):
        """That so many outcomes are known."""
        await happens(lambda: len(self.outcomes) >= count)

    async def rest(self):
        """Until nothing waits for the disk."""
        await happens(lambda: not self.scribe._hand.waits)


async def happens(what):
    async with asyncio.timeout(20):
        while not what():  # noqa: ASYNC110 - a thread does it, which knows no events of the loop
            await asyncio.sleep(0.001)


def run(pen, story, **way):
    async def within():
        desk = Desk(pen, **way)
        await story(desk)
        desk.scribe.close()

    asyncio.run(within())


def test_what_is_answered_in_one_turn_is_written_in_one_call_before_any_of_it_leaves(pen):
    async def story(desk):
        assert [desk.keep(b"one"), desk.keep(b"two")] == [None, None]
        assert (pen.calls, desk.outcomes) == ([], [])
        await asyncio.sleep(0)
        assert [frame[1] for frame in pen.written] == [b"one", b"two"]
        assert (pen.calls, desk.outcomes, desk.counted) == (["write"], ["kept", "kept"], {"kept": 2})

    run(pen, story)


def test_what_is_sent_is_written_some_moments_later_in_one_call(pen):
    async def story(desk):
        for number in range(5):
            desk.keep(b"%d" % number)
        await desk.until(5)
        assert (desk.outcomes, pen.written) == (["kept"] * 5, [])
        await happens(lambda: pen.written)
        assert (len(pen.written), pen.calls.count("write")) == (5, 1)

    run(pen, story, mode="sent")


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_the_end_waits_for_what_was_answered(pen, mode):
    async def story(desk):
        desk.keep(b"last")

    run(pen, story, mode=mode)
    assert [frame[1] for frame in pen.written] == [b"last"]


def test_what_is_synced_leaves_after_the_sync(pen):
    async def story(desk):
        assert desk.keep() is None
        await desk.until(1)
        assert desk.outcomes == ["kept"]
        assert pen.calls[:2] == ["write", "sync"]

    run(pen, story, mode="synced")


@pytest.mark.parametrize("mode", ["written", "synced"])
@pytest.mark.parametrize(("on_fault", "outcome"), [("open", "lost"), ("closed", "refused")])
def test_a_disk_that_fails_is_told_counted_logged_once_and_survived(pen, mode, on_fault, outcome):
    async def story(desk):
        pen.fails = FULL
        for count in (1, 2, 3):
            desk.keep()
            await desk.until(count)
        assert desk.outcomes == [outcome] * 3
        assert desk.counted["lost"] == 3
        assert [(event, fields["why"]) for event, fields in desk.logged] == [("journal not written", FULL.strerror)]
        pen.fails = None
        desk.keep()
        await desk.until(4)
        assert desk.outcomes[-1] == "kept"

    run(pen, story, mode=mode, on_fault=on_fault)
    (gap,) = (json.loads(frame[1]) for frame in pen.written if frame[0] == Kind.GAP)
    assert (gap["count"], gap["why"]) == (3, FULL.strerror)


def test_where_nothing_leaves_without_a_record_callers_are_turned_away_before_any_work_is_done(pen):
    async def story(desk):
        desk.scribe.require()
        pen.fails = FULL
        desk.keep()
        await desk.until(1)
        with pytest.raises(OverloadedError, match="P350"):
            desk.scribe.require()

    run(pen, story, on_fault="closed")


def test_where_answers_leave_anyway_nobody_is_turned_away(pen):
    async def story(desk):
        pen.fails = FULL
        desk.keep()
        await desk.until(1)
        desk.scribe.require()

    run(pen, story)


def test_nobody_waits_for_ever_for_a_disk_that_does_not_answer(pen):
    async def story(desk):
        pen.goes.clear()
        desk.keep()
        await asyncio.sleep(0.01)
        desk.scribe.look()
        assert desk.outcomes == ["lost"]
        pen.goes.set()
        await desk.rest()
        await asyncio.sleep(0)
        assert desk.counted == {"lost": 1, "kept": 0}  # it was written after all; nobody had been told so

    run(pen, story, mode="synced", patience_s=0.0)


def test_a_slow_disk_is_left_to_the_thread_for_a_while(pen):
    async def story(desk):
        desk.keep()
        await desk.until(1)
        assert "turn" not in pen.calls  # which the thread does after it has written
        desk.keep()
        await desk.until(2)
        for _ in range(1000):  # it says so first
            if "turn" not in pen.calls:
                await asyncio.sleep(0.001)
        assert "turn" in pen.calls
        await asyncio.sleep(0.05)
        desk.scribe.look()
        await desk.rest()
        desk.keep()
        await asyncio.sleep(0)
        assert desk.outcomes == ["kept"] * 3

    run(pen, story, slow_s=-1.0, wary_s=0.05)


def test_more_than_there_is_room_for_is_lost(pen):
    async def story(desk):
        desk.keep(b"x" * 6)
        desk.keep(b"x" * 6)
        await desk.until(2)
        assert desk.outcomes == ["kept", "lost"]

    run(pen, story, mode="sent", room=10)


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_what_callers_say_is_kept_whole_or_refused(pen, mode):
    async def story(desk):
        frames, told = [Frame(Kind.RECORD, b"a"), Frame(Kind.RECORD, b"b")], []

        async def said():
            outcome = desk.scribe.keep_all(frames, told.append)
            await happens(lambda: outcome or told)
            return outcome or told.pop()

        assert await said() == "kept"
        assert pen.written[:2] == frames
        pen.fails = FULL
        assert await said() == "refused"
        pen.fails = None
        assert not desk.counted["kept"]

    run(pen, story, mode=mode)


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_a_record_that_cannot_be_made_costs_itself_only(pen, mode):
    async def story(desk):
        for text in (b"one", b"broken", b"two"):
            desk.keep(text)
        await desk.until(3)
        assert sorted(desk.outcomes) == ["kept", "kept", "lost"]
        assert (desk.logged[0][0], desk.logged[0][1]["id"]) == ("interaction not kept", "3f-1")

    run(pen, story, mode=mode)
    assert [frame[1] for frame in pen.written] == [b"one", b"two"]


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_a_record_that_is_made_is_written_as_it_is(pen, mode):
    async def story(desk):
        desk.scribe.make = None
        assert desk.scribe.keep(b"made", desk.outcomes.append) is None
        await desk.until(1)
        assert desk.outcomes == ["kept"]

    run(pen, story, mode=mode)
    assert [frame[1] for frame in pen.written] == [b"made"]

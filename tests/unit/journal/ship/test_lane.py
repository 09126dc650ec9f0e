"""One destination's part of a pass: at least once, in order, and back off when it fails."""

from __future__ import annotations

import pytest
from tests.doubles.harbour import Harbour, interactions, seal
from tests.unit.journal.ship.conftest import PLACE

from trimtab.journal.seal.stock import STREAMS
from trimtab.journal.ship.carrier import Tools
from trimtab.journal.ship.lane import Lane
from trimtab.journal.ship.logbook import Logbook
from trimtab.journal.ship.sealed import sealed_files

FAR = 1e12


class Story:
    """A journal, a destination in memory, and passes between them."""

    def __init__(self, journal, clock):
        self.journal, self.clock, self.harbour = journal, clock, Harbour()
        self.book = journal / "spool/file-00.log"

    def run(self, until=FAR):
        """A pass of a process that knows only what is on the disk."""
        logbook = Logbook(self.book, "file:///mnt/archive", STREAMS)
        lane = Lane(self.journal, PLACE, logbook, self.clock.machine(), self.harbour.open)
        return lane.run(sealed_files(self.journal), Tools(self.journal / "spool/file-00"), until)

    def name(self, path):
        return path.relative_to(self.journal).as_posix()


@pytest.fixture
def story(journal, clock):
    return Story(journal, clock)


def test_files_arrive_as_they_are_and_once(story):
    paths = [seal(story.journal, number) for number in range(3)]
    outcome = story.run()
    assert (outcome.sent, outcome.sent_bytes) == (3, sum(path.stat().st_size for path in paths))
    assert story.harbour.goods == {story.name(path): path.read_bytes() for path in paths}
    assert (outcome.standing.waiting, outcome.standing.shipped, outcome.problem) == (0, 3, None)
    again = story.run()
    assert (again.sent, len(story.harbour.sent), story.harbour.opened) == (0, 3, 1)  # nothing is opened for nothing
    assert story.harbour.closed == 1


def test_a_file_that_something_was_forgotten_of_goes_again_and_first(story):
    first = seal(story.journal, 1)
    story.run()
    seal(story.journal, 0)
    seal(story.journal, 1, interactions(10, 3))
    story.run()
    assert story.harbour.sent[1:] == [story.name(first), story.name(first).replace("-1.", "-0.")]
    assert story.harbour.goods[story.name(first)] == first.read_bytes()


def test_a_destination_that_is_away_is_asked_once_a_time_and_less_and_less_often(story):
    seal(story.journal, 1)
    story.harbour.away = "nobody answers"
    first = story.run()
    assert (first.problem.code, first.problem.what) == ("P966", "nobody answers")
    assert (first.standing.failures, first.standing.since) == (1, story.clock.now)
    assert first.standing.next_try == story.clock.now + 5.0  # half of ten seconds
    waits = []
    for _ in range(12):
        early = story.run()  # nobody is asked
        assert early.problem == first.problem
        story.clock.now = early.standing.next_try
        waits.append(story.run().standing.next_try - story.clock.now)
    assert story.harbour.asked == 13
    assert waits[:4] == [10.0, 20.0, 40.0, 80.0]
    assert waits[-1] == 450.0
    assert story.harbour.sent == []
    story.harbour.away = ""
    story.clock.now += 450.0
    outcome = story.run()
    assert (outcome.sent, outcome.standing.failures, outcome.standing.problem) == (1, 0, None)


def test_a_clock_that_was_set_back_does_not_stop_it(story):
    seal(story.journal, 1)
    story.harbour.away = "away"
    story.run()
    story.harbour.away = ""
    story.clock.now -= 86_400
    assert story.run().sent == 1


def test_one_file_that_is_not_taken_holds_up_no_others(story):
    paths = [seal(story.journal, number) for number in range(6)]
    story.harbour.refuses = {story.name(paths[0]), story.name(paths[1])}
    for _ in range(8):
        story.run()
        story.clock.now += 1000
    assert len(story.harbour.goods) == 4
    story.harbour.refuses = ()
    story.run()
    assert len(story.harbour.goods) == 6


def test_a_file_that_cannot_be_read_is_told_each_time_noted_once_and_holds_up_nothing(story):
    paths = [seal(story.journal, number) for number in range(3)]
    story.harbour.damaged = {story.name(paths[0])}
    outcome = story.run()
    assert (outcome.sent, outcome.problem, [problem.code for problem in outcome.damaged]) == (2, None, ["P969"])
    assert (outcome.standing.damaged, outcome.standing.failures) == (1, 0)
    again = story.run()
    assert (again.damaged, again.standing.waiting, story.harbour.opened) == (outcome.damaged, 1, 1)  # nobody is asked
    seal(story.journal, 3)
    assert story.run().damaged == outcome.damaged  # with others it is tried again
    assert story.harbour.sent.count(story.name(paths[0])) == 2
    assert story.book.read_bytes().count(b'"damaged"') == 1
    story.clock.now += 900
    story.run()  # and alone, now and then
    assert story.harbour.sent.count(story.name(paths[0])) == 3
    seal(story.journal, 0, interactions(0, 5))  # rewritten: it may be well now
    story.harbour.damaged = ()
    assert story.run().standing.damaged == 0


def test_a_file_that_cannot_be_opened_is_one_that_cannot_be_read(story, modes_count):
    del modes_count
    path = seal(story.journal, 0)
    path.chmod(0o000)
    seal(story.journal, 1)
    outcome = story.run()
    assert (outcome.sent, outcome.damaged[0].code) == (1, "P969")
    path.chmod(0o600)


def test_when_time_is_up_the_rest_goes_next_time(story):
    for number in range(3):
        seal(story.journal, number)
    assert story.run(until=0.0).sent == 1
    assert story.run().sent == 2


def test_a_file_goes_on_at_the_row_that_it_came_to(story):
    seal(story.journal, 0)
    seen = []

    def half(parcel):
        seen.append(parcel.rows_sent)
        assert parcel.time_left() > 0
        parcel.note(parcel.rows_sent + 4)
        return len(seen) == 3

    story.harbour.on_send = half
    assert [story.run().sent for _ in range(3)] == [0, 0, 1]
    assert seen == [0, 4, 8]
    seal(story.journal, 0, interactions(0, 9))  # another version begins at its first row
    seen.clear()
    story.run()
    assert seen == [0]


def test_a_file_that_retention_takes_meanwhile_is_no_fault(story):
    first, second = seal(story.journal, 0), seal(story.journal, 1)
    story.harbour.on_send = lambda _: second.unlink() is None
    outcome = story.run()
    assert (outcome.sent, outcome.problem, outcome.damaged) == (1, None, ())
    assert list(story.harbour.goods) == [story.name(first)]


def test_a_file_that_is_rewritten_while_it_is_sent_goes_again(story):
    path = seal(story.journal, 0)

    def meanwhile(_):
        seal(story.journal, 0, interactions(0, 2))
        return True

    story.harbour.on_send = meanwhile
    story.run()
    assert story.harbour.goods[story.name(path)] != path.read_bytes()
    story.harbour.on_send = lambda _: True
    assert story.run().sent == 1
    assert story.harbour.goods[story.name(path)] == path.read_bytes()


def test_what_cannot_be_noted_is_not_sent(story, modes_count):
    del modes_count
    seal(story.journal, 0)
    (story.journal / "spool").chmod(0o500)
    outcome = story.run()
    assert (outcome.problem.code, outcome.sent, story.harbour.sent) == ("P967", 0, [])
    (story.journal / "spool").chmod(0o700)
    assert story.run().sent == 1


def test_a_logbook_stays_short_over_weeks(story):
    seal(story.journal, 0)
    story.harbour.away = "away"
    for _ in range(500):
        story.run()
        story.clock.now += 1000
    assert story.harbour.asked == 500
    assert len(story.book.read_bytes().splitlines()) < 300


def test_other_tables_than_its_own_do_not_go_there(story):
    seal(story.journal, 0, stream="records")
    lane = Lane(
        story.journal,
        PLACE,
        Logbook(story.book, "kafka://b:1/t", ("interactions",)),
        story.clock.machine(),
        story.harbour.open,
    )
    outcome = lane.run(sealed_files(story.journal), Tools(story.journal / "spool/x"), FAR)
    assert (outcome.standing.waiting, story.harbour.opened) == (0, 0)

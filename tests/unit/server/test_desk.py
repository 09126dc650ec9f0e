"""The control plane's process as its supervisor sees it: a child in memory, a real line, a clock of the test's own."""

import select
import signal
import socket
import threading

import msgspec
import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.admin import Entry
from trimtab.server.desk import LONGEST, Desk, Order, Report, version_of

PATIENCE_S = 10.0


class Story:
    """A desk, what it has started, logged, and been asked for."""

    def __init__(self, child):
        self.child, self.now, self.born, self.events, self.asked = child, 100.0, [], [], []
        self.served, self.unfit = {"m": f"sha256:{'ab' * 32}"}, {}
        self.poll = select.poll()
        self.desk = Desk(self.fork, lambda: self.served, self.log, lambda: self.now, PATIENCE_S)

    def log(self, event, fields):
        self.events.append((event, fields["pid"]))

    def fork(self):
        self.born.append(self.child(0, 100 + len(self.born)))
        return self.born[-1]

    def turn(self, seconds=0.0):
        """As a turn of the supervisor: hear what there is, then look after the process."""
        self.now += seconds
        for fd, _ in self.poll.poll(0):
            self.desk.hear(fd, self.poll, self.asked.append, self.unfit)
        self.desk.keep(self.poll)

    def says(self, *orders):
        for order in orders:
            self.born[-1].theirs.send(msgspec.json.encode(order))
        self.turn()

    def reports(self):
        """What the newest process has been told since."""
        theirs, found = self.born[-1].theirs, []
        theirs.setblocking(False)
        try:
            while data := theirs.recv(LONGEST):
                found.append(msgspec.json.decode(data, type=Report))
        except BlockingIOError:
            return found
        return found


@pytest.fixture
def story(kit):
    tale = Story(kit.child)
    tale.turn()
    yield tale
    if not tale.born[-1].ended:
        tale.born[-1].die(0)
    tale.desk.close(tale.poll)
    assert tale.poll.poll(0) == []


def test_there_is_one_process_and_other_descriptors_are_not_its(story):
    story.turn()
    assert len(story.born) == 1
    assert not story.desk.hear(-1, story.poll, story.asked.append, {})


def test_the_index_says_what_is_served_and_what_is_on_its_way(story):
    story.served = {"m": "sha256:" + "ab" * 32, "bad": "sha256:" + "cd" * 32, "old": "sha256:" + "ef" * 32}
    story.unfit = {"bad": "golden row 0 differs"}
    story.says(Order(1, "load", "new"), Order(2, "load", "m"), Order(3, "unload", "old"), Order(4, "index"))
    assert [(change.do, change.name) for change in story.asked] == [("load", "new"), ("load", "m"), ("unload", "old")]
    [report] = story.reports()
    assert (report.id, report.problems) == (4, [])
    assert report.models == [
        Entry("m", "READY", "abababababab"),
        Entry("bad", "UNAVAILABLE", "cdcdcdcdcdcd", "golden row 0 differs"),
        Entry("old", "UNLOADING", "efefefefefef"),
        Entry("new", "LOADING"),
    ]
    for change in story.asked:
        change.told(None)
    assert [entry.state for entry in story.desk.models({})] == ["READY"] * 3


@pytest.mark.parametrize(
    ("error", "problems", "ours"),
    [
        (None, [], False),
        (UserError(Problem("P312", "no model `m`")), [Problem("P312", "no model `m`")], False),
        (OutsideError(Problem("P316", "stopping")), [Problem("P316", "stopping")], True),
    ],
)
def test_what_became_of_an_order_is_reported_under_its_id(story, error, problems, ours):
    story.says(Order(7, "load", "m"), Order(8, "unload", "n"))
    story.asked[1].told(None)
    story.asked[0].told(error)
    assert story.reports() == [Report(8), Report(7, problems, ours)]


def test_what_a_dead_process_asked_for_is_done_and_its_heir_hears_nothing_of_it(story):
    story.born[0].theirs.send(msgspec.json.encode(Order(1, "load", "m")))
    story.born[0].die(-9)
    story.turn()
    assert [change.name for change in story.asked] == ["m"]
    story.turn(0.2)
    assert len(story.born) == 2
    assert [entry.state for entry in story.desk.models({})] == ["READY"]
    before = [*story.born[0].got]
    story.asked[0].told(None)
    assert (story.reports(), story.born[0].got, story.born[1].got) == ([], before, [])


def test_one_that_dies_soon_is_started_later_each_time_and_at_once_after_a_long_life(story):
    waits = []
    for _ in range(8):
        born = len(story.born)
        story.born[-1].die(1)
        story.turn()
        waits.append(0.0)
        while len(story.born) == born:
            story.turn(0.1)
            waits[-1] += 0.1
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0], abs=0.11)
    story.now += 10.0
    story.born[-1].die(1)
    story.turn()
    assert len(story.born) == 10
    assert set(story.events) == {("control plane ended", 100 + number) for number in range(9)}


@pytest.mark.parametrize("said", [b"{", b"[]", b'{"id":1,"do":"format"}', b'{"do":"load"}', b"\xff"])
def test_one_that_talks_nonsense_is_replaced(story, said):
    story.born[0].theirs.send(said)
    story.turn()
    assert (story.born[0].got, story.asked) == ([signal.SIGKILL], [])
    story.turn(0.2)
    assert len(story.born) == 2


def test_one_that_closes_its_line_is_replaced(story):
    story.born[0].theirs.shutdown(socket.SHUT_RDWR)
    story.turn()
    story.turn(0.2)
    assert (story.born[0].got, len(story.born)) == ([signal.SIGKILL], 2)


def test_a_silent_one_is_killed_and_replaced(story):
    story.says(Order(0, "beat"))
    story.turn(PATIENCE_S - 0.1)
    story.says(Order(0, "beat"))
    story.turn(PATIENCE_S - 0.1)
    story.says(Order(1, "index"))  # any word is a sign of life
    story.turn(PATIENCE_S)
    assert (story.born[0].got, len(story.reports())) == ([], 1)
    story.turn(0.1)
    assert story.born[0].got == [signal.SIGKILL]
    story.turn()
    story.turn()
    assert (len(story.born), story.asked) == (2, [])
    assert story.events == [("control plane hangs", 100), ("control plane ended", 100)]


def test_one_that_starts_is_given_longer(story):
    story.turn(PATIENCE_S * 12)
    assert story.born[0].got == []
    story.turn(0.1)
    assert story.born[0].got == [signal.SIGKILL]


def test_words_that_wait_are_heard_before_silence_is_judged(story):
    """The supervisor itself may have been busy for long."""
    story.says(Order(0, "beat"))
    story.born[0].theirs.send(msgspec.json.encode(Order(0, "beat")))
    story.turn(PATIENCE_S * 3)
    assert story.born[0].got == []


def test_one_that_does_not_read_is_of_no_use(story):
    story.born[0].line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    for number in range(1000):
        if story.born[0].got:
            break
        story.says(Order(number, "index"))
    assert story.born[0].got == [signal.SIGKILL]


def test_at_the_end_it_hears_that_there_is_no_more_and_nobody_comes_after_it(story):
    story.says(Order(1, "load", "m"))
    story.asked[0].told(OutsideError(Problem("P316", "stopping")))
    heard = []

    def child():
        while data := story.born[0].theirs.recv(LONGEST):
            heard.append(data)
        story.born[0].die(0)

    thread = threading.Thread(target=child)
    thread.start()
    story.desk.close(story.poll)
    thread.join(20)
    assert (len(heard), story.born[0].status) == (1, 0)  # it ended by itself
    story.desk.close(story.poll)
    story.turn(100.0)
    assert (len(story.born), story.events) == (1, [])


def test_a_version_is_the_start_of_a_digest():
    assert version_of(f"sha256:{'12' * 32}") == "121212121212"

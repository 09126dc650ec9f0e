"""The control plane's end of the line: what it asks for, what it makes of the reports, and when the line ends."""

import contextlib
import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.admin import Entry
from trimtab.server.admin_listener import can_control
from trimtab.server.admin_process import Remote, attend
from trimtab.server.desk import LONGEST, Order, Report
from trimtab.server.door import Doorways
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

GONE = "the server is stopping"
DIGEST = f"sha256:{'ab' * 32}"


class Shelf:
    """Two models; whoever asks for one is wrong: only the supervisor takes them from the shelf."""

    def known(self):
        return {"m": DIGEST, "other": f"sha256:{'cd' * 32}"}

    def find(self, name):
        raise AssertionError(name)


class Supervisor:
    """The other end."""

    def __init__(self, line):
        self.line = line
        line.settimeout(20)

    def order(self):
        """The next one that is no beat."""
        while (order := msgspec.json.decode(self.line.recv(LONGEST), type=Order)).do == "beat":
            pass
        return order

    def report(self, number, *problems, **more):
        self.line.send(msgspec.json.encode(Report(number, list(problems), **more)))


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def supervisor(ends):
    return Supervisor(ends[0])


@pytest.fixture
def remote(ends):
    return Remote(ends[1], Shelf())


@pytest.fixture
def ask(remote, ends):
    """Calls in a thread of their own, while another one listens."""
    with ThreadPoolExecutor(8) as threads:
        threads.submit(remote.listen)
        yield threads.submit
        ends[0].shutdown(socket.SHUT_RDWR)


def test_the_index_is_what_is_served_and_then_what_could_be(remote, supervisor, ask):
    asked = ask(remote.index)
    order = supervisor.order()
    supervisor.report(order.id, models=[Entry("m", "READY", "abababababab"), Entry("folder", "READY", "12")])
    assert (order.do, asked.result(20)) == (
        "index",
        [
            Entry("m", "READY", "abababababab"),
            Entry("folder", "READY", "12"),
            Entry("other", "UNAVAILABLE", "cdcdcdcdcdcd", "not loaded"),
        ],
    )


@pytest.mark.parametrize(("ours", "error"), [(False, UserError), (True, OutsideError)])
@pytest.mark.parametrize("do", ["load", "unload"])
def test_a_change_that_was_refused_is_raised_as_whose_fault_it_is(remote, supervisor, ask, do, ours, error):
    asked = ask(getattr(remote, do), "m")
    order = supervisor.order()
    assert (order.do, order.name) == (do, "m")
    supervisor.report(order.id, Problem("P305", "no weights"), ours=ours)
    with pytest.raises(error, match="no weights"):
        asked.result(20)


def test_each_gets_his_own_report_whatever_their_order(remote, supervisor, ask):
    asked = {name: ask(remote.load, name) for name in ("a", "b", "c")}
    orders = {order.name: order.id for order in (supervisor.order() for _ in asked)}
    supervisor.report(99)  # of an order that nobody here has given
    for name in ("c", "a"):
        supervisor.report(orders[name], Problem("P305", f"not {name}"))
    supervisor.report(orders["b"])
    assert asked["b"].result(20) is None
    for name in ("a", "c"):
        with pytest.raises(UserError, match=f"not {name}"):
            asked[name].result(20)


def test_when_the_line_ends_who_waits_and_who_comes_later_is_told(remote, supervisor, ask):
    asked = ask(remote.load, "m")
    supervisor.order()
    supervisor.line.shutdown(socket.SHUT_RDWR)
    with pytest.raises(OutsideError, match=GONE):
        asked.result(20)
    with pytest.raises(OutsideError, match=GONE):
        remote.unload("m")


def test_a_line_that_is_dead_before_anybody_listens_is_the_same(remote, supervisor):
    supervisor.line.close()
    with pytest.raises(OutsideError, match=GONE):
        remote.index()
    remote.beat()


def test_a_beat_wants_nothing_and_never_waits(remote, supervisor):
    remote.beat()
    assert msgspec.json.decode(supervisor.line.recv(LONGEST), type=Order) == Order(0, "beat")
    for _ in range(10_000):  # more than any line holds that nobody reads
        remote.beat()
    supervisor.line.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while supervisor.line.recv(LONGEST):
            pass
    remote.beat()
    assert supervisor.line.recv(LONGEST)  # it is heard again


def test_requests_are_answered_and_beats_said_until_the_line_ends(ends, supervisor):
    door, statuses = can_control("127.0.0.1", 0), []
    place, ways = door.getsockname(), Doorways(door, Renewal(Settings()))
    thread = threading.Thread(target=lambda: statuses.append(attend(ways, ends[1], Shelf(), print, Settings())))
    thread.start()
    assert msgspec.json.decode(supervisor.line.recv(LONGEST), type=Order).do == "beat"
    connection = http.client.HTTPConnection(*place, timeout=20)
    connection.request("POST", "/v2/repository/models/m/unload")
    supervisor.report(supervisor.order().id)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (200, {})
    connection.close()
    supervisor.line.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    assert (statuses, thread.is_alive()) == ([0], False)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place)

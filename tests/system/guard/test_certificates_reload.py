"""Certificates, keys and authorities are changed while callers call: nobody is failed, and the new ones count soon."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import grpc
import pytest
from tests.doubles.certificates import Authority
from tests.doubles.certified import REFUSED, House, asked, live, replaced, servers_of

SOON_S = 3.0
LATER_S = 2.5  # after which a change would have counted


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def run(house):
    with servers_of(house) as begin:
        yield begin


class Callers:
    """In threads: over HTTP and gRPC, to both planes, on connections that they keep and on new ones each time."""

    def __init__(self, server, identity):
        self.server, self.identity = server, identity
        self.wrong, self.counts = [], {}
        self._over = threading.Event()
        kept = [("kept", 0), ("kept", server.admin)]
        ways = [*kept, ("new", 0), ("new", server.admin), ("grpc kept", 0), ("grpc new", 0)]
        self._threads = [threading.Thread(target=self._call, args=way) for way in ways]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _call(self, how, port):
        with contextlib.ExitStack() as stack:
            ask = self._asking(how, port, stack)
            while not self._over.wait(0.005):
                try:
                    good = ask()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                    good = repr(error)
                self.counts[how, port] = self.counts.get((how, port), 0) + 1
                if good is not True:
                    self.wrong.append((how, port, good))

    def _asking(self, how, port, stack):
        path = "/v2/health/live"
        match how:
            case "kept":
                connection = stack.enter_context(contextlib.closing(self._connection(port)))
                return lambda: asked(connection, path) == 200
            case "new":
                return lambda: self.server.ask(self.identity, path, port) == 200
            case "grpc kept":
                channel = stack.enter_context(self.server.channel(self.identity))
                return lambda: live(channel)
        return self._grpc_anew

    def _connection(self, port):
        return self.server.connection(self.server.house.context(self.identity), port)

    def _grpc_anew(self):
        with self.server.channel(self.identity) as channel:
            return live(channel)


def until(what, seconds=SOON_S):
    """How long it takes until that is so."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


@pytest.mark.parametrize("processes", [1, 2])
def test_a_new_certificate_is_served_soon_and_no_request_fails(house, run, processes):
    server = run(guard=house.guard(), processes=processes)
    ports = (server.port, server.grpc, server.admin)
    with Callers(server, house.callers.issues("ci", "client")) as callers:
        for name in ("second", "third", "fourth"):
            house.renews(name)
            # of each of its processes, which share a port
            until(lambda name=name: all(server.shown(port) == name for port in ports for _ in range(8)))
        time.sleep(0.5)
    assert callers.wrong == []
    assert len(callers.counts) == 6
    assert min(callers.counts.values()) > 20, callers.counts
    # one each; a look may fall between the two files of a pair, and says so
    told = [event["event"] for event in server.events()]
    assert told.count("certificates renewed") == 3
    assert set(told) <= {"certificates renewed", "certificates not renewed"}


def test_callers_of_an_authority_that_is_removed_are_refused_when_they_come_anew(house, run):
    server = run(guard=house.guard())
    gone, others = house.callers.issues("ci", "client"), Authority("others")
    stays = others.issues("ci", "client")
    with contextlib.closing(server.connection(house.context(gone))) as kept, server.channel(gone) as channel:
        assert asked(kept) == 200
        assert live(channel)
        replaced(house.known, house.callers.crt + others.crt)
        until(lambda: answered(server, stays))
        assert answered(server, gone)
        replaced(house.known, others.crt)
        until(lambda: not answered(server, gone))
        for port in (server.port, server.admin):
            until(lambda port=port: not answered(server, gone, port))
            assert answered(server, stays, port)
        until(lambda: not answered_over_grpc(server, gone))
        assert answered_over_grpc(server, stays)
        assert asked(kept) == 200  # who is connected was verified then
        assert live(channel)


def answered(server, identity, port=0):
    try:
        return server.ask(identity, "/v2/health/live", port) == 200
    except REFUSED:
        return False


def answered_over_grpc(server, identity):
    with server.channel(identity) as channel:
        try:
            return live(channel)
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.UNAVAILABLE  # noqa: PT017 - others answer False
            return False


@pytest.mark.parametrize("broken", ["key", "certificate", "authority", "removed", "half"])
def test_files_that_make_no_pair_leave_what_was_and_are_said_once(house, run, broken):
    server = run(guard=house.guard())
    certificate, key = map(Path, house.files)
    ci, fresh = house.callers.issues("ci", "client"), house.authority.issues("second", "server")
    before = certificate.read_bytes(), key.read_bytes()
    match broken:
        case "key":
            replaced(key, fresh.private())
        case "certificate":
            replaced(certificate, fresh.crt)
        case "authority":
            house.known.write_text("none")
        case "removed":
            key.unlink()
        case "half":
            certificate.write_bytes(before[0][:-100])
    until(lambda: [event["event"] for event in server.events()] == ["certificates not renewed"])
    time.sleep(LATER_S)
    for port in (server.port, server.grpc, server.admin):
        assert server.shown(port) == "first"
    assert answered(server, ci)
    assert answered_over_grpc(server, ci)
    (event,) = server.events()
    assert (event["level"], str(house.folder) in event["why"]) == ("error", True)
    assert "PRIVATE" not in server.child.err
    replaced(certificate, fresh.crt)
    replaced(key, fresh.private())
    replaced(house.known, house.callers.crt)
    until(lambda: all(server.shown(port) == "second" for port in (server.port, server.grpc, server.admin)))
    assert answered(server, ci)
    assert server.events()[-1]["event"] == "certificates renewed"


def test_a_process_that_begins_while_files_are_broken_has_the_last_whole_ones(house, run):
    server = run(guard=house.guard())
    house.renews("second")
    until(lambda: server.shown() == "second")
    until(lambda: server.events() != [])
    Path(house.files[1]).write_text("none")
    until(lambda: len(server.events()) == 2)
    for pid in server.child.below():  # the serving process, and that of the control plane
        os.kill(pid, signal.SIGKILL)
    ci = house.callers.issues("ci", "client")

    def back():
        return answered(server, ci) and answered(server, ci, server.admin) and answered_over_grpc(server, ci)

    until(back, 30)
    assert [server.shown(port) for port in (server.port, server.grpc, server.admin)] == ["second"] * 3
    house.renews("third")
    until(lambda: [server.shown(port) for port in (server.port, server.grpc, server.admin)] == ["third"] * 3)


def test_the_way_in_which_kubernetes_renews_a_secret_is_seen(house, run):
    """Files are links into a folder that is a link itself, and only the last one is changed."""
    mounted = house.folder / "mounted"
    for number, name in enumerate(("first", "second")):
        (mounted / f"..{number}").mkdir(parents=True)
        house.authority.issues(name, "server").write(mounted / f"..{number}", "tls")
    (mounted / "..data").symlink_to("..0")
    files = [mounted / "tls.crt", mounted / "tls.key"]
    for path in files:
        path.symlink_to(Path("..data", path.name))
    server = run(tls=list(map(str, files)))
    assert server.shown() == "first"
    (mounted / "..fresh").symlink_to("..1")
    (mounted / "..fresh").rename(mounted / "..data")
    until(lambda: server.shown() == "second")

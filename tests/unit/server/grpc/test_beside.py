"""The listener beside the HTTP one: drained, closed, and refused before anything is forked."""

import asyncio
import socket
import threading

import pytest

from trimtab.core.errors import UserError
from trimtab.server.grpc.beside import Beside, _installed, bind, can_listen, open_beside
from trimtab.server.grpc.listener import Listening
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings


class Front:
    """Connections in memory: what was done with them, and an end of their draining that the test decides on."""

    def __init__(self, told):
        self.told, self.gone = told, asyncio.Event()

    async def drain(self, patience_s):
        self.told.append(("leave", patience_s))
        await self.gone.wait()

    def abort(self):
        self.told.append("abort")


class Board:
    """What was said to those who watch."""

    def __init__(self, told):
        self.told = told

    def look(self):
        self.told.append("look")

    def freeze(self):
        self.told.append("freeze")

    def close(self):
        self.told.append("end")


def beside():
    """With grpcio's server in memory too, which has ended when it is told to."""
    told, ended = [], threading.Event()
    ended.set()

    def stop(grace_s):
        told.append(("stop", grace_s))
        return ended

    front = Front(told)
    return Beside(front, Listening(Board(told), stop)), front, told


def test_grpcio_is_stopped_when_the_last_caller_has_left_and_not_before():
    async def story():
        one, front, told = beside()
        draining = asyncio.ensure_future(one.drain(60))
        await asyncio.sleep(0)  # one turn: callers are told at once
        await asyncio.sleep(0)
        said = ["look", ("leave", 60), "end"]  # those who watch are told to leave before their watch ends
        assert told == said
        front.gone.set()
        await asyncio.wait_for(draining, 30)
        assert told == [*said, ("stop", 0)]

    asyncio.run(story())


def test_those_who_watch_are_told_from_time_to_time_until_the_end():
    async def story():
        one, _, told = beside()
        again, look = asyncio.Event(), told.append
        one.look()
        one._listening.board.look = lambda: (look("look"), again.set())
        await again.wait()
        one.freeze()
        one.close()
        count = told.count("look")
        await asyncio.sleep(0)
        assert (told.count("look"), told[-4:]) == (count, ["freeze", "abort", "end", ("stop", 0)])

    asyncio.run(asyncio.wait_for(story(), 30))


def test_closing_waits_for_nobody():
    async def story():
        one, _, told = beside()
        one.close()
        assert told == ["abort", "end", ("stop", 0)]

    asyncio.run(story())


def test_without_a_port_there_is_nothing_to_open_drain_or_close(kit):
    async def story():
        one = await open_beside(kit.plane(kit.endpoint()), None, Renewal(Settings()))
        await asyncio.wait_for(one.drain(60), 5)
        one.close()

    can_listen(Settings())
    assert bind(Settings(), 2) == []
    asyncio.run(story())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_process_has_a_socket_and_all_share_the_port(host, free_port):
    settings = Settings(host=host, grpc_port=free_port)
    sockets = bind(settings, 2)
    try:
        assert [one.getsockname()[:2] for one in sockets] == [(host, free_port)] * 2
        with socket.create_connection((host, free_port), timeout=5):
            pass
        with pytest.raises(UserError, match="P304"):
            can_listen(settings)
    finally:
        for one in sockets:
            one.close()


def test_a_port_that_one_process_cannot_have_is_kept_by_none(free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        with pytest.raises(UserError, match="P304"):
            bind(Settings(grpc_port=free_port), 2)
    can_listen(Settings(grpc_port=free_port))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_is_refused_with_the_way_out(host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the processes of another server would
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError) as caught:
            can_listen(Settings(host=host, grpc_port=port))
    (problem,) = caught.value.problems
    assert (problem.code, problem.what) == ("P304", "cannot listen for gRPC: address already in use")
    assert (problem.where, problem.hint.endswith(f"`--grpc-port {port + 1}`")) == (f"{host}:{port}", True)
    can_listen(Settings(host=host, grpc_port=port))


@pytest.mark.parametrize(
    ("package", "there"), [("socket", True), ("google.protobuf", True), ("no_such", False), ("no_such.inside", False)]
)
def test_what_is_installed_is_found_without_importing_it(package, there):
    assert _installed(package) is there

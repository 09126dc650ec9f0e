"""The listener beside the HTTP one: drained, closed, and refused before anything is forked."""

import asyncio
import socket
import threading

import pytest

from trimtab.core.errors import UserError
from trimtab.server.grpc.beside import Beside, _installed, can_listen, open_beside
from trimtab.server.grpc.listener import Listening
from trimtab.server.settings import Settings


def listening():
    """A listener in memory: how often it was stopped with what patience, and the end that the test decides on."""
    stopped, ended = [], threading.Event()

    def stop(grace_s):
        stopped.append(grace_s)
        return ended

    return Beside(Listening("127.0.0.1:1", stop)), stopped, ended


def test_draining_lasts_until_the_last_call_has_ended():
    beside, stopped, ended = listening()

    async def story():
        draining = asyncio.ensure_future(beside.drain(60))
        await asyncio.sleep(0)  # one turn: it is told to stop at once
        assert (stopped, draining.done()) == ([60], False)
        ended.set()
        await asyncio.wait_for(draining, 30)

    asyncio.run(story())


def test_draining_never_lasts_longer_than_its_patience():
    beside, stopped, ended = listening()
    asyncio.run(asyncio.wait_for(beside.drain(0.01), 30))
    beside.close()
    assert (stopped, ended.is_set()) == ([0.01, 0], False)


def test_without_a_port_there_is_nothing_to_open_drain_or_close(kit):
    async def story():
        beside = open_beside(kit.plane(kit.endpoint()))
        await asyncio.wait_for(beside.drain(60), 5)
        beside.close()

    can_listen(Settings())
    asyncio.run(story())


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

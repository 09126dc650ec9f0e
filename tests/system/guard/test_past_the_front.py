"""A process on this machine that finds grpcio's socket in /proc/net/unix, and asks there without passing the front."""

import contextlib
import re
import socket
import threading
from pathlib import Path

import grpc
import pytest
from tests.doubles.certified import House, Running, live

from trimtab.server.grpc.proto import load

CALLS = [
    *((f"/inference.GRPCInferenceService/{name}", rpc.streams) for name, rpc in load("inference").rpcs.items()),
    *((f"/grpc.health.v1.Health/{name}", rpc.streams) for name, rpc in load("health").rpcs.items()),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("house"))
    server = Running(house, guard=house.guard(required=True), drain_timeout_s=3.0)
    yield server
    server.ends()


def found(what):
    """Abstract names that everybody can read; those of other servers on this machine are among them."""
    return set(re.findall(rf"@(trimtab-{what}-[0-9a-f-]+)", Path("/proc/net/unix").read_text()))


@pytest.fixture
def inner(server):
    """Where grpcio listens."""
    [name] = [name for name in found("grpc") if int(name.split("-")[2]) in server.child.family()]
    return name


def status(channel, path, *, streams):
    """What comes of a call with an empty message."""
    call = (channel.unary_stream if streams else channel.unary_unary)(path)
    with pytest.raises(grpc.RpcError) as caught:
        list(call(b"", timeout=10)) if streams else call(b"", timeout=10)
    return caught.value.code()


@pytest.mark.parametrize(("path", "streams"), CALLS)
def test_every_call_that_has_not_passed_the_front_is_refused(server, inner, path, streams):
    with server.channel(server.house.callers.issues("ci", "client")) as channel:
        assert live(channel)
        with grpc.insecure_channel(f"unix-abstract:{inner}") as stranger:
            assert status(stranger, path, streams=streams) is grpc.StatusCode.UNAUTHENTICATED
        assert live(channel)


@contextlib.contextmanager
def borne(near, inner):
    """A port whose one caller is carried to grpcio by that socket."""
    near.connect(f"\0{inner}")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ends = []

        def carry(one, other):
            with contextlib.suppress(OSError):
                while data := one.recv(65_536):
                    other.sendall(data)

        def take():
            caller, _ = listening.accept()
            ends.append(caller)
            threading.Thread(target=carry, args=(near, caller), daemon=True).start()
            carry(caller, near)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        for end in (*ends, near):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        thread.join(20)


@pytest.mark.parametrize("when", ["meanwhile", "afterwards"])
def test_the_name_of_one_who_passed_is_of_no_use_to_another(server, inner, when):
    before = found("peer")
    with server.channel(server.house.callers.issues("ci", "client")) as channel:
        assert live(channel)
        [name] = found("peer") - before
        with socket.socket(socket.AF_UNIX) as thief, pytest.raises(OSError, match="in use"):
            thief.bind(f"\0{name}")
        near = socket.socket(socket.AF_UNIX)
        if when == "meanwhile":
            near.bind(f"\0{name}x")
            with borne(near, inner) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as stranger:
                assert status(stranger, CALLS[0][0], streams=False) is grpc.StatusCode.UNAUTHENTICATED
    if when == "afterwards":
        while name in found("peer"):
            threading.Event().wait(0.01)
        near.bind(f"\0{name}")
        with borne(near, inner) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as stranger:
            assert status(stranger, CALLS[0][0], streams=False) is grpc.StatusCode.UNAUTHENTICATED


def test_the_way_of_the_thief_works_for_who_is_let_in(server):
    """As a check of the tests above: what carries him carries a good caller to the front."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = listening.getsockname()[1]

        def take():
            caller, _ = listening.accept()
            with caller, socket.create_connection(("127.0.0.1", server.grpc)) as far:
                thread = threading.Thread(target=pump, args=(far, caller), daemon=True)
                thread.start()
                pump(caller, far)
                thread.join(20)

        def pump(one, other):
            with contextlib.suppress(OSError):
                while data := one.recv(65_536):
                    other.sendall(data)
                other.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        credentials = server.house.credentials(server.house.callers.issues("ci", "client"))
        with grpc.secure_channel(f"127.0.0.1:{place}", credentials) as channel:
            assert live(channel)
        thread.join(20)

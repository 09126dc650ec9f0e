"""gRPC through a gateway: all four kinds of calls of a service that it knows nothing of."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.system.gateway.conftest import Through
from tests.system.journal.conftest import interactions_in

from trimtab.server.gateway.settings import Grpc


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Backend(grpc.GenericRpcHandler):
    """A service without a schema; it notes what it is told."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.told: list[tuple[str, dict[str, Any], float | None]] = []
        self.left = threading.Event()

    def service(self, details: Any) -> Any:
        kind = details.method.rpartition("/")[2]
        if kind in {"Unary", "Refuse"}:
            return grpc.unary_unary_rpc_method_handler(self.unary if kind == "Unary" else self.refuse)
        answers = {"Each": self.each, "Hang": self.hang}.get(kind)
        return None if answers is None else grpc.stream_stream_rpc_method_handler(answers)

    def refuse(self, _message: bytes, context: Any) -> bytes:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "not today")

    def unary(self, message: bytes, context: Any) -> bytes:
        self.told.append(("Unary", dict(context.invocation_metadata()), context.time_remaining()))
        context.send_initial_metadata((("first", "1"),))
        context.set_trailing_metadata((("last-bin", b"\x00\xff"),))
        if message == b"refuse":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
        return self.name + message

    def each(self, messages: Iterator[bytes], _: Any) -> Iterator[bytes]:
        for message in messages:
            yield self.name + message

    def hang(self, _: Iterator[bytes], context: Any) -> Iterator[bytes]:
        context.add_callback(self.left.set)
        yield b"begun"
        self.left.wait(20)


@pytest.fixture
def calls(through: Callable[..., Through], tmp_path: Path) -> Iterator[tuple[Through, grpc.Channel, list[Backend]]]:
    backends, servers, ports = [Backend(b"A"), Backend(b"B")], [], []
    for backend in backends:
        server = grpc.server(ThreadPoolExecutor(4))
        server.add_generic_rpc_handlers((backend,))
        ports.append(server.add_insecure_port("127.0.0.1:0"))
        server.start()
        servers.append(server)
    port = free_port()
    places = (f"127.0.0.1:{one}" for one in ports)
    gateway = through(grpc=Grpc(("127.0.0.1", port), *places), journal=tmp_path / "journal")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield gateway, channel, backends
    for server in servers:
        server.stop(0).wait()


def test_a_call_passes_with_metadata_deadline_and_status(calls: Any) -> None:
    gateway, channel, (champion, _) = calls
    call = channel.unary_unary("/any.Service/Unary")
    said, done = call.with_call(b"x", timeout=7.0, metadata=(("mine", "1"), ("raw-bin", b"\x01")))
    assert said == b"Ax"
    assert dict(done.initial_metadata())["first"] == "1"
    assert dict(done.initial_metadata())["x-trimtab-revision"] == gateway.champion.url
    assert dict(done.trailing_metadata())["last-bin"] == b"\x00\xff"
    (_, metadata, left) = champion.told[0]
    assert (metadata["mine"], metadata["raw-bin"]) == ("1", b"\x01")
    assert left is not None
    assert 0 < left <= 7.0
    with pytest.raises(grpc.RpcError) as refused:
        call(b"refuse")
    assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.FAILED_PRECONDITION, "not now")
    gateway.until(lambda status: status.counts.champion.requests == 2)
    assert gateway.status.counts.champion.errors == 0


def test_calls_are_in_the_journal_with_their_arm(calls: Any, tmp_path: Path) -> None:
    gateway, channel, _ = calls
    gateway.fly(1.0)
    call = channel.unary_unary("/any.Service/Unary")
    assert call(b"x") == b"Bx"
    with pytest.raises(grpc.RpcError):
        call(b"refuse")
    gateway.until(lambda status: status.counts.challenger.requests == 2)
    gateway.gateway.close()
    found = interactions_in(tmp_path / "journal")
    assert [(one.status, one.arm, one.probability) for one in found] == [
        (200, "challenger", 1.0),
        (400, "challenger", 1.0),
    ]


def test_a_stream_passes_message_by_message(calls: Any) -> None:
    _, channel, _ = calls
    turn = threading.Semaphore(1)

    def messages() -> Iterator[bytes]:
        for number in range(5):
            assert turn.acquire(timeout=10)  # only when the one before has come back
            yield str(number).encode()

    said = []
    for message in channel.stream_stream("/any.Service/Each")(messages(), timeout=20):
        said.append(message)
        turn.release()
    assert said == [b"A0", b"A1", b"A2", b"A3", b"A4"]


def test_arms_are_chosen_by_metadata_and_an_unreachable_one_is_an_error(calls: Any) -> None:
    gateway, channel, _ = calls
    gateway.fly(1.0)
    assert channel.unary_unary("/any.Service/Unary")(b"x") == b"Bx"
    gateway.until(lambda status: status.counts.challenger.requests == 1)
    with pytest.raises(grpc.RpcError) as unknown:
        channel.unary_unary("/any.Service/Refuse")(b"x")
    assert (unknown.value.code(), unknown.value.details()) == (grpc.StatusCode.UNIMPLEMENTED, "not today")
    assert gateway.until(lambda status: status.counts.challenger.errors == 1)
    with pytest.raises(grpc.RpcError) as early:
        channel.unary_unary("/any.Service/Nothing")(b"x")
    # a backend that ends the call ahead of the message: where that is still on its way, grpcio forgets the true status
    assert early.value.code() in {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL}
    assert gateway.until(lambda status: status.counts.challenger.errors == 2)


def test_a_caller_that_leaves_ends_the_call_behind(calls: Any) -> None:
    _, channel, (champion, _) = calls
    call = channel.stream_stream("/any.Service/Hang")(iter(()), timeout=20)
    assert next(call) == b"begun"
    call.cancel()
    assert champion.left.wait(10)

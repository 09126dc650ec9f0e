"""Callers over gRPC who leave or come too late, who are many, who speak nonsense, who wait for the next process."""

import contextlib
import os
import signal
import socket

import grpc
import pytest

from trimtab.server.grpc.proto import load

INFER = load("inference").rpcs["ModelInfer"]


def begin(channel, x, do="", timeout=20):
    """A call under way."""
    request = INFER.request(model_name="m")
    request.inputs.add(name="x", datatype="FP64", shape=[1]).contents.fp64_contents.append(x)
    request.inputs.add(name="do", datatype="BYTES", shape=[1]).contents.bytes_contents.append(do.encode())
    call = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer", INFER.request.SerializeToString, INFER.response.FromString
    )
    return call.future(request, timeout=timeout)


def answers(call, x):
    return list(call.result(30).outputs[0].contents.fp64_contents) == [2 * x]


@pytest.mark.parametrize("leaving", ["cancelled", "late"])
def test_whoever_does_not_wait_any_more_is_not_computed_for(serve, free_port, leaving):
    server = serve(workers=1, processes=1, grpc_port=free_port)
    with grpc.insecure_channel(f"127.0.0.1:{free_port}") as channel:
        assert begin(channel, 1.0).result(20)
        first = begin(channel, 5.0, "sleep 5")
        server.child.wait_until(lambda: server.metric("trimtab_in_flight") >= 1)
        waiting = [begin(channel, 1.0, "crash", 20 if leaving == "cancelled" else 1) for _ in range(10)]
        server.child.wait_until(lambda: server.metric("trimtab_in_flight") >= 11)
        assert not first.done()
        for call in waiting:
            if leaving == "cancelled":
                call.cancel()
            else:
                assert call.exception(20).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert answers(first, 5.0)
        assert answers(begin(channel, 7.0), 7.0)
    server.child.wait_until(lambda: server.metric("trimtab_in_flight") <= 1)  # that of this question
    assert [event for event in server.events() if event["event"] == "worker died"] == []


def test_a_connection_that_waits_while_a_process_dies_is_taken_by_the_next_one(serve, free_port):
    server = serve(env={"INLINE": "1"}, processes=1, grpc_port=free_port)
    os.kill(server.serving()[0], signal.SIGKILL)
    with grpc.insecure_channel(f"127.0.0.1:{free_port}") as channel:
        assert answers(begin(channel, 3.0, timeout=30), 3.0)


def test_idle_and_senseless_connections_cost_nobody_an_answer_and_hold_up_no_end(serve, free_port):
    server = serve(env={"INLINE": "1"}, processes=1, grpc_port=free_port, drain_timeout_s=300.0)
    greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    said = (
        b"",
        greeting[:10],
        greeting,
        b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"\xff" * 100_000,
        greeting + b"\xff" * 9,
    )
    with contextlib.ExitStack() as stack:
        for number in range(300):
            caller = stack.enter_context(socket.create_connection(("127.0.0.1", free_port), timeout=30))
            with contextlib.suppress(OSError):  # who speaks nonsense may be cut off before he has ended
                caller.sendall(said[number % len(said)])
        with grpc.insecure_channel(f"127.0.0.1:{free_port}") as channel:
            assert answers(begin(channel, 3.0), 3.0)
        server.child.signal(signal.SIGTERM)
        assert server.child.end() == 0

"""Callers over gRPC who leave, or whose time is over, while their calls wait: the model never sees those."""

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


@pytest.mark.parametrize("leaving", ["cancelled", "late"])
def test_whoever_does_not_wait_any_more_is_not_computed_for(serve, free_port, leaving):
    server = serve(workers=1, processes=1, grpc_port=free_port)
    with grpc.insecure_channel(f"127.0.0.1:{free_port}") as channel:
        assert begin(channel, 1.0).result(20)
        first = begin(channel, 5.0, "sleep 2")
        server.child.wait_until(lambda: server.metric("trimtab_in_flight") >= 1)
        waiting = [begin(channel, 1.0, "crash", 20 if leaving == "cancelled" else 1) for _ in range(10)]
        server.child.wait_until(lambda: server.metric("trimtab_in_flight") >= 11)
        assert not first.done()
        for call in waiting:
            if leaving == "cancelled":
                call.cancel()
            else:
                assert call.exception(20).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert list(first.result(20).outputs[0].contents.fp64_contents) == [10.0]
        assert list(begin(channel, 7.0).result(20).outputs[0].contents.fp64_contents) == [14.0]
    server.child.wait_until(lambda: server.metric("trimtab_in_flight") <= 1)  # that of this question
    assert [event for event in server.events() if event["event"] == "worker died"] == []

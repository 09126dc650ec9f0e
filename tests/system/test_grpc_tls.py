"""gRPC behind TLS: who trusts the certificate is answered, and nobody else is."""

import json
import signal
from pathlib import Path

import grpc
import pytest

from trimtab.server.grpc.proto import load


def live(address, credentials):
    service = load("inference")
    rpc = service.rpcs["ServerLive"]
    channel = grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)
    try:
        call = channel.unary_unary(f"/{service.name}/ServerLive", response_deserializer=rpc.response.FromString)
        return call(b"", timeout=5).live
    finally:
        channel.close()


def test_the_command_serves_both_protocols_over_the_same_certificate(pem, workshop, start, free_port):
    workshop.write(model="def predict(rows):\n    return {'y': rows['x'] * 2}\n")
    workshop.package(lock="off")
    command = ["trimtab", "serve", "small", "--store", str(workshop.store.root), "--port", "0", "--json"]
    command += ["--grpc-port", str(free_port), "--tls-cert", pem[0], "--tls-key", pem[1]]
    child = start(*command, cwd=workshop.root)
    child.wait_until(lambda: child.out.endswith("\n"), 60)
    told = json.loads(child.out)
    assert (told["grpc_port"], told["address"][:8]) == (free_port, "https://")
    rpc = load("inference").rpcs["ModelInfer"]
    request = rpc.request(model_name="small")
    request.inputs.add(name="x", datatype="FP64", shape=[2]).contents.fp64_contents.extend([1.0, 2.5])
    trusting = grpc.ssl_channel_credentials(Path(pem[0]).read_bytes())
    with grpc.secure_channel(f"127.0.0.1:{free_port}", trusting) as channel:
        call = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer", rpc.request.SerializeToString, rpc.response.FromString
        )
        assert list(call(request, timeout=20).outputs[0].contents.fp64_contents) == [2.0, 5.0]
    assert live(f"localhost:{free_port}", trusting)
    for stranger in (None, grpc.ssl_channel_credentials()):  # speaks without TLS; does not trust the certificate
        with pytest.raises(grpc.RpcError) as caught:
            live(f"127.0.0.1:{free_port}", stranger)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    child.signal(signal.SIGTERM)
    assert child.end() == 0

"""The gRPC listener behind TLS: who trusts the certificate is answered, who shows none of his own may not be."""

import json
import signal
import subprocess
from dataclasses import dataclass, field

import grpc
import pytest

from trimtab.server.grpc.listener import Place, Tls, listen
from trimtab.server.grpc.proto import load
from trimtab.server.metrics import Metrics
from trimtab.server.settings import Settings


@dataclass
class EmptyPlane:
    """A data plane without models."""

    settings: Settings = field(default_factory=Settings)
    endpoints: dict = field(default_factory=dict)
    metrics: Metrics = field(default_factory=lambda: Metrics(()))
    ready: bool = True


class AtOnce:
    """Has no loop: what is to run there runs here."""

    def note(self, job):
        job()

    post = note


@pytest.fixture(scope="module")
def pem(tmp_path_factory, program):
    """A key and a certificate that it signed for this machine."""
    folder = tmp_path_factory.mktemp("pem")
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", "key", "-out", "crt"], check=True, capture_output=True, cwd=folder)
    return (folder / "key").read_bytes(), (folder / "crt").read_bytes()


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
    (workshop.root / "key").write_bytes(pem[0])
    (workshop.root / "crt").write_bytes(pem[1])
    workshop.write(model="def predict(rows):\n    return {'y': rows['x'] * 2}\n")
    workshop.package(lock="off")
    command = ["trimtab", "serve", "small", "--store", str(workshop.store.root), "--port", "0", "--json"]
    command += ["--grpc-port", str(free_port), "--tls-cert", "crt", "--tls-key", "key"]
    child = start(*command, cwd=workshop.root)
    child.wait_until(lambda: child.out.endswith("\n"), 60)
    told = json.loads(child.out)
    assert (told["grpc_port"], told["address"][:8]) == (free_port, "https://")
    rpc = load("inference").rpcs["ModelInfer"]
    request = rpc.request(model_name="small")
    request.inputs.add(name="x", datatype="FP64", shape=[2]).contents.fp64_contents.extend([1.0, 2.5])
    with grpc.secure_channel(f"127.0.0.1:{free_port}", grpc.ssl_channel_credentials(pem[1])) as channel:
        call = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer", rpc.request.SerializeToString, rpc.response.FromString
        )
        assert list(call(request, timeout=20).outputs[0].contents.fp64_contents) == [2.0, 5.0]
    child.signal(signal.SIGTERM)
    assert child.end() == 0


@pytest.mark.parametrize("mutual", [False, True])
def test_only_who_belongs_here_is_answered(pem, mutual):
    key, certificate = pem
    tls = Tls(certificate, key, certificate if mutual else b"")
    listening = listen(EmptyPlane(), AtOnce(), Place("127.0.0.1", 0, tls))
    try:
        named = grpc.ssl_channel_credentials(certificate, key, certificate)
        nameless = grpc.ssl_channel_credentials(certificate)
        assert live(listening.address, named)
        for stranger in (None, *([nameless] if mutual else [])):
            with pytest.raises(grpc.RpcError) as caught:
                live(listening.address, stranger)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert mutual or live(listening.address, nameless)
    finally:
        assert listening.stop(0).wait(10)

"""The gRPC listener behind TLS: who trusts the certificate is answered, who shows none of his own may not be."""

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

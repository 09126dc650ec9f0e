"""Whom to ask: TLS, but on this machine where nobody speaks it, or where one was told."""

import socket
import threading

import pytest

from trimtab.bundle.oci.opening import Terms, open_registry
from trimtab.bundle.oci.remote.patience import Patience
from trimtab.bundle.oci.remote.reference import parse_remote


def base(text, **terms):
    registry = open_registry(parse_remote(text), Terms({"HOME": "/nowhere"}, **terms))
    return registry._session.origin.base


@pytest.mark.parametrize(
    ("text", "plain", "where"),
    [
        ("registry.example/m", False, "https://registry.example:443"),
        ("registry.example:5000/m", False, "https://registry.example:5000"),
        ("registry.example/m", True, "http://registry.example:80"),
        ("127.0.0.1:9/m", True, "http://127.0.0.1:9"),
        ("docker.io/m", False, "https://registry-1.docker.io:443"),
        ("[2001:db8::1]:5000/m", False, "https://[2001:db8::1]:5000"),
    ],
)
def test_nothing_is_asked_to_know_whom_to_ask(text, plain, where):
    assert base(text, plain_http=plain) == where


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", b""])
def test_this_machine_is_asked_whether_it_speaks_tls(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(5)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        assert base(f"127.0.0.1:{port}/m", patience=Patience(silence_s=5)) == f"http://127.0.0.1:{port}"
        thread.join()

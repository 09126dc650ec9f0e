"""What is fetched from a provider over TLS, and what is not: everything that a bad one, or a bad network, may do."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest
from tests.doubles.oidc import say

from trimtab.server.guard.tokens.fetching import fetch_document

MIB = 1 << 20


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """The machine's own settings are no part of these tests."""
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def fetch(provider):
    """Fetches what the provider answers at `/x`."""

    def fetch(answer=None, path="/x", **options):
        if answer is not None:
            provider.answers[path] = answer
        return fetch_document(f"{provider.address}{path}", provider.authorities, **options)

    return fetch


def test_a_document_comes_with_its_age(provider, fetch):
    found = fetch(path="/main/keys")
    assert (found.max_age_s, found.body[:9]) == (300, b'{"keys": ')
    provider.max_age = None
    assert fetch(path="/main/keys").max_age_s is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_redirects(provider, fetch, status):
    place = f"{provider.address}/main/keys"
    with pytest.raises(OSError, match=str(status)):
        fetch(lambda handler: say(handler, status, location=place))
    assert provider.requests["/main/keys"] == 0


@pytest.mark.parametrize("status", [204, 206, 400, 404, 500, 503])
def test_no_status_but_200_is_taken(fetch, status):
    with pytest.raises((OSError, ValueError), match=str(status)):
        fetch(lambda handler: say(handler, status, b"" if status == 204 else b"{}"))


def test_a_mebibyte_is_taken_and_not_a_byte_more(fetch):
    assert len(fetch(lambda handler: say(handler, 200, b"x" * MIB)).body) == MIB
    with pytest.raises(ValueError, match="more than 1048576 bytes"):
        fetch(lambda handler: say(handler, 200, b"x" * (MIB + 1)))


def test_a_body_without_end_is_not_read_to_it(fetch):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b"x" * MIB)
                sent.append(MIB)
        except OSError:
            return

    with pytest.raises(ValueError, match="more than"):
        fetch(endless)
    assert len(sent) < 100


def test_a_body_that_breaks_off_is_no_document(fetch):
    def broken(handler):
        handler.send_response(200)
        handler.send_header("content-length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"keys": []}')
        handler.close_connection = True

    with pytest.raises(OSError, match="broke off"):
        fetch(broken)


def test_a_silent_provider_is_left(fetch):
    released = threading.Event()
    began = time.monotonic()
    with pytest.raises(OSError, match="timed out"):
        fetch(lambda _handler: released.wait(20), silence_s=0.3)
    assert time.monotonic() - began < 5
    released.set()


def test_a_provider_that_drips_is_left(fetch):
    def dripping(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(300):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    began = time.monotonic()
    with pytest.raises(TimeoutError, match="takes too long"):
        fetch(dripping, whole_s=1)
    assert time.monotonic() - began < 5


def test_what_is_not_http_is_no_answer(fetch):
    with pytest.raises(OSError, match="BadStatusLine"):
        fetch(lambda handler: handler.wfile.write(b"SSH-2.0-none\r\n\r\n"))


def test_nobody_listens(free_port, provider):
    with pytest.raises(OSError, match="refused"):
        fetch_document(f"https://127.0.0.1:{free_port}/", provider.authorities)


def test_the_certificate_is_checked_and_so_is_the_name_in_it(provider):
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch_document(f"{provider.address}/main/keys", None)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch_document(f"{provider.address}/main/keys".replace("127.0.0.1", "localhost"), provider.authorities)
    assert not provider.requests


def test_old_versions_of_tls_are_not_spoken(provider, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "provider.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLS"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_server(("127.0.0.1", 0)) as listening:
        failed = []

        def serve():
            with listening.accept()[0] as connection, pytest.raises(ssl.SSLError) as caught:
                context.wrap_socket(connection, server_side=True)
            failed.append(str(caught.value))

        serving = threading.Thread(target=serve)
        serving.start()
        with pytest.raises(OSError, match=r"(?i)protocol.version"):
            fetch_document(f"https://127.0.0.1:{listening.getsockname()[1]}/", provider.authorities)
        serving.join(10)
    assert "UNSUPPORTED_PROTOCOL" in failed[0]


@pytest.mark.parametrize(
    ("variable", "asked"),
    [("HTTPS_PROXY", True), ("https_proxy", True), ("HTTP_PROXY", False), ("http_proxy", False), ("ALL_PROXY", False)],
)
def test_only_the_proxy_that_the_operator_means_is_asked(provider, fetch, monkeypatch, variable, asked):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        heads = []

        def proxy():
            with listening.accept()[0] as connection:
                heads.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 403 no\r\n\r\n")

        monkeypatch.setenv(variable, f"http://127.0.0.1:{listening.getsockname()[1]}")
        if not asked:
            assert fetch(path="/main/keys").body
            return
        serving = threading.Thread(target=proxy)
        serving.start()
        with pytest.raises(OSError, match="403"):
            fetch(path="/main/keys")
        serving.join(10)
    host = provider.address.removeprefix("https://")
    assert heads[0].startswith(f"CONNECT {host} HTTP/1.".encode())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert fetch(path="/main/keys").body

"""An application behind uvicorn and a door of ours: who is there, and what is owed when it ends."""

import asyncio
import http.client
import socket
import ssl
import threading
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.doubles.certificates import Authority

from trimtab.server.admin_thread import begin, peer_at
from trimtab.server.guard.peer import LOCAL
from trimtab.server.guard.settings import Certificates, GuardSettings
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

ROOT = Authority("root")


async def who(request):
    peer = peer_at(request)
    known = peer.certificate
    return JSONResponse([request.url.scheme, peer.address, known and known.principal.name])


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


def got(connection):
    connection.request("GET", "/")
    return connection.getresponse().read()


def test_without_tls_a_caller_is_its_address(listening):
    place = listening.getsockname()
    close = begin(Starlette(routes=[Route("/", who)]), listening, Renewal(Settings()), 10.0)
    connection = http.client.HTTPConnection(*place, timeout=20)
    assert got(connection) == b'["http","127.0.0.1",null]'
    connection.close()
    close()
    assert listening.fileno() == -1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place)


def test_over_tls_a_caller_is_its_certificate_and_a_renewed_one_of_ours_is_served(listening, tmp_path):
    tls = tuple(map(Path, ROOT.issues("here", "server").write(tmp_path, "tls")))
    guard = GuardSettings(certificates=Certificates((ROOT.write(tmp_path),)))
    renewal = Renewal(Settings(tls=tls, guard=guard))
    close = begin(Starlette(routes=[Route("/", who)]), listening, renewal, 10.0)
    context = ssl.create_default_context(cadata=ROOT.crt.decode())
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    place = listening.getsockname()
    nobody = http.client.HTTPSConnection(*place, timeout=20, context=context)
    assert got(nobody) == b'["https","127.0.0.1",null]'
    context.load_cert_chain(*ROOT.issues("ci", "client").write(tmp_path, "ci"))
    known = http.client.HTTPSConnection(*place, timeout=20, context=context)
    assert got(known) == b'["https","127.0.0.1","certificate:ci"]'
    assert got(nobody) == b'["https","127.0.0.1",null]'  # each connection has its own caller
    nobody.close()
    known.close()
    close()


def test_what_was_taken_is_answered_when_it_is_told_to_end(listening):
    asked, go = threading.Event(), threading.Event()

    async def slow(_request):
        asked.set()
        await asyncio.to_thread(go.wait, 20)
        return JSONResponse("late")

    close = begin(Starlette(routes=[Route("/", slow)]), listening, Renewal(Settings()), 10.0)
    place = listening.getsockname()
    connection = http.client.HTTPConnection(*place, timeout=20)
    connection.request("GET", "/")
    assert asked.wait(20)
    closing = threading.Thread(target=close)
    closing.start()
    while listening.fileno() != -1:
        threading.Event().wait(0.01)
    with pytest.raises(ConnectionRefusedError):  # nobody else is taken meanwhile
        socket.create_connection(place)
    go.set()
    assert connection.getresponse().read() == b'"late"'
    closing.join(20)
    connection.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nho", b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /"])
def test_who_does_not_go_on_is_let_go(listening, begun):
    place = listening.getsockname()
    close = begin(Starlette(routes=[Route("/", who)]), listening, Renewal(Settings()), 0.5)
    with socket.create_connection(place, timeout=20) as slow:
        slow.sendall(begun)
        while slow.recv(1000):
            pass
    connection = http.client.HTTPConnection(*place, timeout=20)
    assert got(connection)
    connection.close()
    close()


def test_a_request_that_came_another_way_is_of_this_machine():
    assert peer_at(Request({"type": "http", "headers": []})) == LOCAL

"""Callers that are slow, many, rude or encrypted."""

import contextlib
import http.client
import json
import resource
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

BODY = json.dumps([{"x": 1.0}]).encode()
ASK = b"POST /v1/models/m/rows HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


def test_a_caller_that_does_not_read_is_given_up_and_costs_nobody_else(serve, open_connection, Traffic):
    server = serve(workers=1, write_timeout_s=1.0)
    rows = json.dumps([{"x": float(row)} for row in range(20_000)]).encode()
    ask = b"POST /v1/models/m/rows HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(rows), rows)
    [process] = server.serving()

    def descriptors():
        return len(list(Path(f"/proc/{process}/fd").iterdir()))

    with Traffic(server, callers=2) as traffic:
        traffic.wait_for(10)
        with open_connection(server) as first:  # the memory for large tables is there after this one
            first.sendall(ask)
            assert first.recv(16).startswith(b"HTTP/1.1 200")
        server.child.wait_until(lambda: server.metric("trimtab_in_flight") <= 3)
        before = descriptors()
        with open_connection(server) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.settimeout(3)
            with contextlib.suppress(OSError):
                for _ in range(60):
                    deaf.sendall(ask)
            server.child.wait_until(lambda: descriptors() <= before, 20)
        traffic.wait_for(50)
    assert traffic.wrong == []


def test_a_caller_that_reads_slowly_is_not_idle(serve):
    server = serve(workers=1, idle_timeout_s=0.3, write_timeout_s=60.0)
    rows = json.dumps([{"x": float(row)} for row in range(50_000)]).encode()
    ask = b"POST /v1/models/m/rows HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(rows), rows)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(30)
        slow.connect((server.host, server.port))
        slow.sendall(ask)
        said = slow.recv(2**16)
        time.sleep(1.0)  # several idle times long, with most of the answer unread
        slow.sendall(ASK)
        while said.count(b"HTTP/1.1 200") < 2:
            got = slow.recv(2**16)
            assert got, "closed, though it was read"
            said += got
    assert b"connection: close" not in said


def test_a_caller_that_sends_too_slowly_is_told_so(serve, open_connection):
    server = serve(workers=1, header_timeout_s=0.5, body_timeout_s=0.5)
    for begin in (b"POST /v1/models/m/rows HTTP/1.1\r\nho", ASK[:-3]):
        with open_connection(server) as slow:
            slow.sendall(begin)
            answer = slow.recv(65536)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert slow.recv(65536) == b""


def test_three_hundred_callers_that_leave_disturb_nobody(serve, open_connection, Traffic):
    server = serve(workers=2)
    with Traffic(server, callers=2) as traffic:
        for number in range(300):
            with open_connection(server) as rude:
                rude.sendall(ASK[: len(ASK) - number % 40])
                if number % 3 == 0:
                    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        traffic.wait_for(50)
    assert traffic.wrong == []
    server.child.wait_until(lambda: server.metric("trimtab_in_flight") <= 1)


def test_thousands_of_idle_connections_cost_nobody_an_answer(serve, open_connection):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(10_000, (most - 500) // 2)
    server = serve(workers=1)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        idle = [stack.enter_context(open_connection(server)) for _ in range(count)]
        began = time.monotonic()
        assert server.ask({})[0] == 200
        assert time.monotonic() - began < 5
        idle[-1].sendall(ASK)
        assert idle[-1].recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_server_without_descriptors_goes_on_when_there_are_some_again(serve, open_connection):
    server = serve(workers=1)
    [process] = server.serving()
    subprocess.run(["prlimit", f"--pid={process}", "--nofile=64:64"], check=True, timeout=30)
    with contextlib.ExitStack() as stack:
        for _ in range(120):
            with contextlib.suppress(OSError):
                stack.enter_context(open_connection(server))
    end = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if server.ask({})[0] == 200:
                break
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_flood_is_turned_away_quickly_and_what_is_taken_is_answered(serve, open_connection):
    server = serve(workers=1, batch_rows=1, wait_s=0.5, queue_limit=20)
    body = json.dumps([{"x": 1.0, "do": "sleep 0.1"}]).encode()
    ask = b"POST /v1/models/m/rows HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(open_connection(server)) for _ in range(100)]
        for caller in callers:
            caller.sendall(ask)
        answers = [caller.recv(65536) for caller in callers]
    taken = [answer for answer in answers if answer.startswith(b"HTTP/1.1 200 ")]
    turned = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503 ") and b"retry-after: " in answer]
    assert len(taken) + len(turned) == 100
    assert 5 <= len(taken) <= 30
    assert server.ask({})[0] == 200


@pytest.fixture
def certificate(tmp_path, program):
    """A certificate for this machine and its key, as files."""
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run(
        [*command, *subject, "-out", files[0], "-keyout", files[1], "-days", "2"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return files


def test_tls_answers_with_a_modern_protocol_only(serve, certificate):
    server = serve(workers=1, tls=[str(file) for file in certificate])
    assert server.child.out.startswith("https://")
    context = ssl.create_default_context(cafile=certificate[0])
    connection = http.client.HTTPSConnection(server.host, server.port, context=context, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/models/m/rows", BODY)
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["rows"]) == (200, [{"y": 2.0}])
        assert connection.sock.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((server.host, server.port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as old,
    ):
        assert old.version() == "TLSv1.2"
    with socket.create_connection((server.host, server.port), timeout=10) as plain:
        plain.sendall(ASK)
        with contextlib.suppress(ConnectionError):
            assert not plain.recv(100).startswith(b"HTTP/")

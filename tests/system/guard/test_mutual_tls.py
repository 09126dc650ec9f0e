"""Callers who show a certificate, to a real server: the right one, each wrong one, and none; over HTTP and gRPC."""

import contextlib
import socket
import ssl
import subprocess
import threading
import time

import grpc
import pytest
from tests.doubles.certificates import Authority, alone
from tests.doubles.certified import REFUSED, House, asked, live, servers_of

ROWS = "/v1/models/churn/rows"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def run(house):
    with servers_of(house) as begin:
        yield begin


@pytest.fixture(scope="module")
def server(house, run):
    """Takes callers with and without a certificate."""
    return run(guard=house.guard())


WRONG = {
    "expired": lambda house: house.callers.issues("ci", "client", days=(-2, -1)),
    "not valid yet": lambda house: house.callers.issues("ci", "client", days=(1, 2)),
    "self-signed": lambda _: alone("ci"),
    "of another authority": lambda _: Authority("others").issues("ci", "client"),
    "of another authority of that name": lambda _: Authority("callers").issues("ci", "client"),
    "of a server": lambda house: house.callers.issues("ci", "server"),
    "of the authority of servers": lambda house: house.authority.issues("ci", "client"),
}


def test_over_http_the_right_one_is_let_in_and_what_it_may_is_by_its_name(house, server):
    ci, other = (house.callers.issues(name, "client") for name in ("ci", "other"))
    assert (server.ask(ci), server.ask(ci, ROWS)) == (200, 200)
    assert (server.ask(other), server.ask(other, ROWS)) == (200, 403)
    named = house.callers.issues("ci", "client", uri="spiffe://house/other")
    assert server.ask(named, ROWS) == 403  # a common name beside a name of another kind is no name
    assert server.ask(house.callers.issues("", "client", dns="ci"), ROWS) == 200
    assert (server.ask(None), server.ask(None, "/livez")) == (401, 200)


def test_over_grpc_the_right_one_is_let_in(house, server):
    for identity in (house.callers.issues("ci", "client"), None):
        with server.channel(identity) as channel:
            assert live(channel)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_one_is_refused_before_anything_is_asked(house, server, wrong):
    identity = WRONG[wrong](house)
    with pytest.raises(REFUSED):
        server.ask(identity, "/livez")
    with server.channel(identity) as channel, pytest.raises(grpc.RpcError) as caught:
        live(channel)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(REFUSED):
        server.ask(identity, "/v2/health/live", server.admin)
    assert server.ask(house.callers.issues("ci", "client"), ROWS) == 200


def test_where_one_is_required_nobody_is_answered_without(house, run):
    server = run(guard=house.guard(required=True))
    good = house.callers.issues("ci", "client")
    for port in (server.port, server.admin):
        with pytest.raises(REFUSED):
            server.ask(None, "/v2/health/live", port)
        assert server.ask(good, "/v2/health/live", port) == 200
    with server.channel() as channel, pytest.raises(grpc.RpcError):
        live(channel)
    with server.channel(good) as channel:
        assert live(channel)


def test_one_that_expires_while_its_connection_lives_counts_no_longer(house, server):
    identity = house.callers.issues("ci", "client", seconds=4)
    ends = time.monotonic() + 4
    with contextlib.closing(server.connection(house.context(identity))) as connection:
        assert asked(connection, ROWS) == 200
        time.sleep(ends - time.monotonic() + 1.1)  # it says whole seconds
        assert (asked(connection, ROWS), asked(connection, "/livez")) == (401, 200)


def test_the_control_plane_knows_callers_by_the_same_certificates(house, run):
    server = run(guard=house.guard(names={"boss": [["operate", "*"]]}))
    unload = "/v2/repository/models/churn/unload"
    statuses = []
    for identity in (None, house.callers.issues("ci", "client"), house.callers.issues("boss", "client")):
        with contextlib.closing(server.connection(house.context(identity), server.admin)) as connection:
            connection.request("POST", unload)
            statuses.append(connection.getresponse().status)
    assert statuses == [401, 403, 200]


@pytest.fixture(scope="module")
def lenient(house):
    """The port of something that speaks every version that there is here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(*house.files)
    listening = socket.create_server(("127.0.0.1", 0))

    def take():
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                secure.recv(1)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(20)


@pytest.mark.parametrize("version", ["tls1", "tls1_1", "tls1_2", "tls1_3"])
def test_an_old_version_is_not_spoken_on_any_port(house, server, lenient, program, version):
    files = house.callers.issues("ci", "client").write(house.folder, "openssl")
    command = [program("openssl"), "s_client", f"-{version}", "-cipher", "DEFAULT@SECLEVEL=0", "-cert", files[0]]
    command += ["-key", files[1], "-brief", "-connect"]
    spoken = []
    for port in (lenient, server.port, server.grpc, server.admin):
        ran = subprocess.run([*command, f"127.0.0.1:{port}"], input=b"", capture_output=True, timeout=20, check=False)
        spoken.append(b"CONNECTION ESTABLISHED" in ran.stderr)
    assert spoken == [True, *[version in ("tls1_2", "tls1_3")] * 3]


def test_a_handshake_is_not_begun_anew_on_a_connection(house, server, program):
    command = [program("openssl"), "s_client", "-tls1_2", "-connect", f"127.0.0.1:{server.port}"]
    ran = subprocess.run(command, input="R\n", capture_output=True, text=True, timeout=20, check=False)
    assert "RENEGOTIATING" in ran.stdout + ran.stderr
    assert "no renegotiation" in ran.stderr, ran.stderr
    assert server.ask(house.callers.issues("ci", "client")) == 200

"""A house with an authority of its own: a server in it over TLS, and callers who show certificates."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from tests.conftest import ROOT, Child
from tests.doubles.certificates import Authority, Identity

from trimtab.server.grpc.proto import load

SERVE = ROOT / "tests/doubles/serve.py"
ROW = {"age": 30, "plan": "plus", "spend": 1.5, "city": None}
LIVE, INFER = (load("inference").rpcs[name] for name in ("ServerLive", "ModelInfer"))
REFUSED = (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)


class House:
    """`house` vouches for the server, `callers` for those who may call; their files lie in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority, self.callers = Authority("house"), Authority("callers")
        self.files = self.authority.issues("first", "server").write(folder, "server")
        self.known = self.callers.write(folder)
        self._writing = threading.Lock()

    def renews(self, common: str) -> None:
        """A fresh certificate of the server's own, file by file, so that nobody reads half of one."""
        fresh = self.authority.issues(common, "server")
        for path, data in zip(self.files, (fresh.crt, fresh.private()), strict=True):
            replaced(Path(path), data)

    def guard(self, **more: Any) -> dict[str, Any]:
        """Settings by which callers are known; each may read, and `ci` may infer too."""
        names = {"ci": [["infer", "churn"]]}
        return {"certificates": {"authorities": [str(self.known)], "grants": [["read", "*"]], "names": names, **more}}

    def context(self, identity: Identity | None = None) -> ssl.SSLContext:
        """Of a caller who trusts the house, and shows that."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.authority.crt.decode())
        if identity is not None:
            with self._writing:  # callers are many threads
                context.load_cert_chain(*identity.write(self.folder, f"caller-{identity.certificate.serial_number}"))
        return context

    def credentials(self, identity: Identity | None = None) -> grpc.ChannelCredentials:
        """The same for gRPC."""
        shown = (None, None) if identity is None else (identity.private(), identity.crt)
        return grpc.ssl_channel_credentials(self.authority.crt, *shown)


def replaced(path: Path, data: bytes) -> None:
    """Another file in its place."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.rename(path)


class Running:
    """The server's process, its addresses, and what its log says."""

    def __init__(self, house: House, **settings: Any) -> None:
        self.house = house
        self.grpc, self.admin = free(), free()
        ports = {"grpc_port": self.grpc, "admin_port": self.admin, "processes": 1}
        command = [sys.executable, str(SERVE), json.dumps({"tls": house.files, **ports, **settings})]
        folder = house.folder / f"child-{self.grpc}"
        folder.mkdir()
        self.child = Child(command, folder, folder, dict(os.environ))
        self.child.wait_until(lambda: "\n" in self.child.out)
        self.port = int(urlsplit(self.child.out.splitlines()[0]).port or 0)

    def ends(self) -> None:
        """It ends as it should when it is told to."""
        try:
            self.child.signal(signal.SIGTERM)
            assert self.child.end() == 0, self.child.err
        finally:
            self.child.stop()

    def connection(self, context: ssl.SSLContext, port: int = 0) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", port or self.port, timeout=20, context=context)

    def ask(self, identity: Identity | None, path: str = "/v2", port: int = 0) -> int:
        """The status of a request on a connection of its own."""
        with contextlib.closing(self.connection(self.house.context(identity), port)) as connection:
            return asked(connection, path)

    @contextlib.contextmanager
    def channel(self, identity: Identity | None = None) -> Iterator[grpc.Channel]:
        options = (("grpc.use_local_subchannel_pool", 1),)
        with grpc.secure_channel(f"127.0.0.1:{self.grpc}", self.house.credentials(identity), options) as channel:
            yield channel

    def shown(self, port: int = 0) -> str:
        """Whose certificate a new connection is shown."""
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port or self.port), 20))
            secure = stack.enter_context(self.house.context().wrap_socket(plain, server_hostname="localhost"))
            subject: Any = (secure.getpeercert() or {})["subject"]
            return str(subject[0][0][1])

    def events(self) -> list[dict[str, Any]]:
        """What the log says of certificates, so far."""
        said = [json.loads(line) for line in self.child.err.splitlines() if line.startswith("{")]
        return [event for event in said if event["event"].startswith("certificates")]


def asked(connection: http.client.HTTPConnection, path: str = "/v2") -> int:
    """The status of a request on that connection: `/v2` needs `read`, and rows `infer`."""
    if path.endswith("/rows"):
        connection.request("POST", path, json.dumps([ROW]), {"content-type": "application/json"})
    else:
        connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.status


def live(channel: grpc.Channel) -> bool:
    """Whether the server says over gRPC that it lives."""
    call = channel.unary_unary("/inference.GRPCInferenceService/ServerLive", None, LIVE.response.FromString)
    return bool(call(b"", timeout=10).live)


def free() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def servers_of(house: House) -> Iterator[Callable[..., Running]]:
    """Begins servers in the house, all of which must end well."""
    begun: list[Running] = []

    def begin(**settings: Any) -> Running:
        begun.append(Running(house, drain_timeout_s=3.0, **settings))
        return begun[-1]

    yield begin
    for server in begun:
        server.ends()

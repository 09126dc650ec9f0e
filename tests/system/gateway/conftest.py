"""Gateways over backends of other make, on real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.doubles.origin import Origin

from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.server.gateway.backends import backend_of
from trimtab.server.gateway.running import Running
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.settings import Settings

FLIGHT = "f1"


@dataclass(frozen=True)
class Through:
    """A gateway and what is behind it."""

    gateway: Running
    champion: Origin
    challenger: Origin
    log: list[tuple[str, dict[str, Any]]]

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.gateway.address)
        return str(parts.hostname), int(parts.port or 0)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(*self.place, timeout=20)
        with closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def raw(self, data: bytes, seconds: float = 20) -> bytes:
        """What comes back until the gateway closes the connection."""
        with self.open(seconds) as caller:
            caller.sendall(data)
            said = b""
            while piece := caller.recv(65536):
                said += piece
            return said

    def open(self, seconds: float = 20) -> socket.socket:
        return socket.create_connection(self.place, timeout=seconds)

    def arms(self, path: str = "/echo", **headers: str) -> str:
        """The arm that answers."""
        said = self.ask("POST", path, b"{}", {"content-type": "application/json", **headers})[1]
        return "challenger" if said["x-trimtab-revision"] == self.challenger.url else "champion"

    def fly(self, share: float, **traffic: Any) -> None:
        self.gateway.begin(FLIGHT)
        self.gateway.steer(replace(Traffic(FLIGHT, share), **traffic), 60.0)

    @property
    def status(self) -> FlightStatus:
        found = self.gateway.status()
        assert found is not None
        return found

    def until(self, true: Callable[[FlightStatus], bool], seconds: float = 20) -> FlightStatus:
        end = time.monotonic() + seconds
        while not true(found := self.status):
            assert time.monotonic() < end, found
            time.sleep(0.01)
        return found


@pytest.fixture
def through(tmp_path: Path) -> Iterator[Callable[..., Through]]:
    """`through(answer_s=1, ...)`: a gateway with these settings over two new backends, the challenger well."""
    with ExitStack() as stack:

        def begin(serving: dict[str, Any] | None = None, **settings: Any) -> Through:
            champion = stack.enter_context(Origin())
            challenger = stack.enter_context(Origin())
            log: list[tuple[str, dict[str, Any]]] = []
            given = {
                "champion": backend_of(champion.url, "--champion"),
                "challenger": backend_of(challenger.url, "--challenger"),
                "name": "gateway", "state": tmp_path / "state.json", "serving": Settings(port=0, **serving or {}),
                "health": "/healthz", "health_s": 0.2,
            }  # fmt: skip
            wanted = GatewaySettings(**{**given, **settings})
            gateway = stack.enter_context(Running(wanted, lambda event, fields: log.append((event, fields))))
            made = Through(gateway, champion, challenger, log)
            gateway.begin(FLIGHT)
            made.until(lambda status: status.state == "ready")
            return made

        yield begin


def plain(body: bytes) -> Any:
    return json.loads(body)

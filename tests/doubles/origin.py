"""A backend of other make: Python's own HTTP server, which notes what it is asked and misbehaves where it is told."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["Asked", "Origin"]


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Origin:
    """A running backend. Paths: /echo /sse /slow /die /close /until-close /both /none /large /status/NNN."""

    value: float = 0.5
    asked: list[Asked] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    open: set[socket.socket] = field(default_factory=set)

    def __enter__(self) -> Self:
        origin = self

        class Handler(_Handler):
            tells = origin

        self.server = _Quiet(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def die(self) -> None:
        """As a process that is killed: it takes no connection, and those that it had are gone."""
        self.server.shutdown()
        self.server.server_close()
        for one in tuple(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up before the answer is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tells: Origin
    timeout = 20

    def setup(self) -> None:
        super().setup()
        self.tells.connections += 1
        self.tells.open.add(self.connection)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self) -> None:
        self.tells.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _any(self) -> None:
        if self.path == "/healthz":
            self._say(200, b"well")
            return
        if self.path == "/early":  # an answer before the body was read
            self.tells.asked.append(Asked(self.command, self.path, list(self.headers.items()), b""))
            self.close_connection = True
            self._say(413, b"too much")
            return
        asked = Asked(self.command, self.path, list(self.headers.items()), self._body())
        self.tells.asked.append(asked)
        name = "_" + self.path.strip("/").partition("/")[0].partition("?")[0].replace("-", "_")
        getattr(self, name, self._echo)(asked)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_OPTIONS = _any  # noqa: N815 - as http.server names them

    def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _echo(self, asked: Asked) -> None:
        answer = {"predictions": [self.tells.value], "length": len(asked.body), "path": asked.path}
        self._say(200, json.dumps(answer).encode())

    def _status(self, asked: Asked) -> None:
        self._say(int(asked.path.rpartition("/")[2]), b"{}")

    def _none(self, _: Asked) -> None:
        self.send_response(204)
        self.end_headers()

    def _sse(self, _: Asked) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number in range(3):
            if number:
                assert self.tells.go_on.wait(10)
                self.tells.go_on.clear()
            part = f"data: {number}\n\n".encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _slow(self, asked: Asked) -> None:
        self.tells.go_on.wait(20)
        self._echo(asked)

    def _die(self, _: Asked) -> None:
        """Half of an answer."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
        self.close_connection = True

    def _close(self, _: Asked) -> None:
        """No answer at all."""
        self.close_connection = True

    def _until_close(self, _: Asked) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end")
        self.close_connection = True

    def _both(self, _: Asked) -> None:
        """An answer that two readers end at different places."""
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"
        )
        self.close_connection = True

    def _large(self, _: Asked) -> None:
        self._say(200, b"x" * (8 * 2**20), "application/octet-stream")

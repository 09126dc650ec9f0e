"""A strict small proxy before a registry that passes everything on, but for what it is told to spoil."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PIECE = 1 << 16


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    size: int


@dataclass
class Heard:
    """What the registry answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Spoiling:
    """What is done to the next so many requests of that method whose path the pattern is found in."""

    method: str
    pattern: str
    act: Callable[[Handler], None]
    times: int = 1


@dataclass
class Meddler:
    """The proxy: `address` is where it listens; `seen` are all requests, in order."""

    upstream: int
    address: str = ""
    seen: list[Seen] = field(default_factory=list)
    rules: list[Spoiling] = field(default_factory=list)
    carried: int = 0  # bytes of bodies that went up

    def spoil(self, method: str, pattern: str, act: Callable[[Handler], None], times: int = 1) -> None:
        self.rules.append(Spoiling(method, pattern, act, times))

    def asked(self, method: str, pattern: str = "") -> list[Seen]:
        return [one for one in self.seen if one.method == method and re.search(pattern, one.path)]

    def rule_for(self, method: str, path: str) -> Spoiling | None:
        for rule in self.rules:
            if rule.times and rule.method == method and re.search(rule.pattern, path):
                rule.times -= 1
                return rule
        return None


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server: Proxy
    timeout = 20

    def handle_any(self) -> None:
        meddler = self.server.meddler
        self.length = int(self.headers.get("content-length", "0"))
        assert "transfer-encoding" not in self.headers, "a body of unknown length is not what we send"
        names = [name.lower() for name in self.headers]
        assert len(names) == len(set(names)), "no header is said twice"
        given = {name.lower(): value for name, value in self.headers.items()}
        meddler.seen.append(Seen(self.command, self.path, given, self.length))
        rule = meddler.rule_for(self.command, self.path)
        with suppress(ConnectionError, TimeoutError):
            (rule.act if rule else pass_on)(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815 - the names that the server calls

    def log_message(self, *words: object) -> None:
        """Says nothing."""

    def drop(self) -> None:
        """Ends the connection without another word, as a cable that is pulled."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def ask(self, size: int | None = None) -> Heard:
        """Send the request on, or only so many bytes of its body: then there is no answer."""
        with closing(HTTPConnection("127.0.0.1", self.server.meddler.upstream, timeout=20)) as up:
            up.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                up.putheader(name, value)
            up.endheaders()
            left = self.length if size is None else min(size, self.length)
            while left and (piece := self.rfile.read(min(PIECE, left))):
                up.send(piece)
                self.server.meddler.carried += len(piece)
                left -= len(piece)
            if size is not None:
                return Heard(0, [], b"")
            with up.getresponse() as answer:
                return Heard(answer.status, answer.getheaders(), answer.read())

    def tell(self, status: int, headers: dict[str, str], body: bytes = b"", length: int | None = None) -> None:
        """An answer, with a length that may be wrong."""
        self.rfile.read(self.length)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body) if length is None else length)} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def pass_on(handler: Handler) -> None:
    """Nothing is spoiled."""
    relayed(handler, lambda body: body)


def relayed(handler: Handler, change: Callable[[bytes], bytes], cut: int | None = None) -> None:
    """The answer with another body, or cut after so many bytes of it."""
    answer = handler.ask()
    body = change(answer.body)
    handler.send_response(answer.status)
    for name, value in answer.headers:
        if name.lower() not in ("content-length", "date", "server", "transfer-encoding"):
            handler.send_header(name, value)
    own = {name.lower(): value for name, value in answer.headers}.get("content-length", "0")
    length = own if handler.command == "HEAD" else str(len(body))
    handler.send_header("Content-Length", length)
    handler.end_headers()
    handler.wfile.write(body if cut is None else body[:cut])
    if cut is not None:
        handler.wfile.flush()
        handler.drop()


def cut_down(after: int) -> Callable[[Handler], None]:
    """The connection breaks after so many bytes of the answer's body."""
    return lambda handler: relayed(handler, lambda body: body, after)


def cut_up(after: int) -> Callable[[Handler], None]:
    """The connection breaks after so many bytes of the request's body, and the registry has got those."""

    def act(handler: Handler) -> None:
        handler.ask(after)
        handler.drop()

    return act


def unheard(handler: Handler) -> None:
    """The registry does what it is asked, and its answer is lost."""
    handler.ask()
    handler.drop()


def says(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Callable[[Handler], None]:
    """An answer of the proxy's own."""
    return lambda handler: handler.tell(status, headers or {}, body)


def lies(change: Callable[[bytes], bytes]) -> Callable[[Handler], None]:
    """The answer with other content, and a length that fits it."""
    return lambda handler: relayed(handler, change)


class Proxy(ThreadingHTTPServer):
    """The listener."""

    daemon_threads = True
    meddler: Meddler

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what these tests are about."""


@contextmanager
def meddling(upstream: int) -> Iterator[Meddler]:
    """A proxy on a free port of the loopback address before the registry on that port."""
    with Proxy(("127.0.0.1", 0), Handler) as server:
        server.meddler = Meddler(upstream, f"127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.meddler
        finally:
            server.shutdown()
            thread.join()

"""A server on the loopback address that hears truth and feedback as ours does, or does as a script says."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from trimtab.core.errors import TrimtabError
from trimtab.journal.truth.entries import Speaker
from trimtab.server.faults import error_answer
from trimtab.server.journal.said import kept, records_of
from trimtab.server.openapi_said import SAID
from trimtab.server.wire import Answer, Request

# what is done with a request: the connection breaks before it is kept, or after; it is closed behind an answer that
# promised to go on
Deed = Literal["break", "keep and break", "answer and close"]


class Tags:
    """Keys whose tag is the principal's name, filled up."""

    def tag(self, nonce: str, principal: str) -> str:  # noqa: ARG002 - the names that `Tags` gives
        return principal.replace(":", "").ljust(12, "a")[:12]


@dataclass
class Heard:
    """What has come in: requests as (path, headers, body), and the records that were kept."""

    url: str = ""
    script: list[Answer | Deed] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the server says; `authorization` names the speaker."""
        kind, _ = SAID[path]
        plain = {name.lower().encode(): value.encode() for name, value in headers.items()}
        speaker = Speaker(headers.get("authorization", "").removeprefix("Bearer "))
        try:
            records = records_of(
                kind, Request(b"POST", path.encode(), b"", plain, body, keep_alive=True), speaker, Tags(), time.time()
            )
        except TrimtabError as error:
            return error_answer(error, "id-1")
        self.records += [{"stream": kind.stream} | record for record in records]
        return kept(records)


@contextmanager
def hearing(script: Sequence[Answer | Deed] = ()) -> Iterator[Heard]:
    """The server; what the script has is done first, one thing a request."""
    heard = Heard(script=list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            heard.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.requests.append((self.path, self.headers, json.loads(body)))
            deed = heard.script.pop(0) if heard.script else None
            answer = deed if isinstance(deed, Answer) else None
            if deed != "break" and answer is None:
                answer = heard.answer(self.path, self.headers, body)
            if answer is None or deed == "keep and break":
                # no linger: the connection is reset, not closed
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name.decode(), value.decode())
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = self.close_connection or deed == "answer and close"

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with running(Handler) as server:
        heard.url = f"http://127.0.0.1:{server.server_port}"
        yield heard


@contextmanager
def running(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    """A server with this handler, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

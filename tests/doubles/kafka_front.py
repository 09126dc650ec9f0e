"""Stands before one broker of Kafka: TLS, passwords as SASL PLAIN has them, and whatever goes wrong on the way.

The mock cluster of librdkafka has neither TLS nor passwords. What the front does of the protocol is by its published
guide: SaslHandshake, SaslAuthenticate, and its own address in the place of the broker's.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

PRODUCE, METADATA, COORDINATOR, HANDSHAKE, VERSIONS, AUTHENTICATE = 0, 3, 10, 17, 18, 36
NOT_KNOWN = 58  # the error code for a password that is wrong


class Front:
    """`mode`: open, shut (hangs up) or silent (takes and never answers). `tried`: users and passwords that came."""

    def __init__(self, upstream: str, context: ssl.SSLContext | None, users: Mapping[str, str] | None) -> None:
        host, _, port = upstream.rpartition(":")
        self.upstream, self.context, self.users = (host, int(port)), context, users
        self.mode, self.delay_s, self.lose_answers = "open", 0.0, 0
        self.tried: list[tuple[str, str]] = []
        self.produced = 0
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._stopped: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def turn(self, mode: str) -> None:
        """Another mode from now on; connections of before are cut."""
        self.mode = mode
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self.mode == "open":
                await self._between(reader, writer)
            while self.mode == "silent" and await reader.read(65536):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # whoever hangs up is what this is about
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self.upstream)
        asked: dict[int, tuple[int, int]] = {}
        back = asyncio.ensure_future(self._answers(up_reader, writer, asked))
        try:
            await self._questions(reader, writer, up_writer, asked)
        finally:
            back.cancel()
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await back
            up_writer.transport.abort()

    async def _questions(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up: asyncio.StreamWriter,
        asked: dict[int, tuple[int, int]],
    ) -> None:
        known = self.users is None
        while True:
            frame = await _frame(reader)
            key, version, number = struct.unpack_from(">hhi", frame)
            if key == HANDSHAKE:
                _send(writer, struct.pack(">ihih", number, 0, 1, 5) + b"PLAIN")
            elif key == AUTHENTICATE:
                known = self._known(frame)
                said = struct.pack(">ihhi", number, 0 if known else NOT_KNOWN, -1, 0)
                _send(writer, said + (b"\0" * 8 if version else b""))
            elif not known and key != VERSIONS:
                return
            else:
                asked[number] = key, version
                _send(up, frame)

    def _known(self, frame: bytes) -> bool:
        at = 10 + max(0, struct.unpack_from(">h", frame, 8)[0])  # behind the client's name
        size = struct.unpack_from(">i", frame, at)[0]
        _, user, password = frame[at + 4 : at + 4 + size].decode().split("\0")
        self.tried.append((user, password))
        return (self.users or {}).get(user) == password

    async def _answers(
        self, up: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]
    ) -> None:
        while True:
            frame = await _frame(up)
            key, version = asked.pop(struct.unpack_from(">i", frame)[0])
            self.produced += key == PRODUCE
            if key == PRODUCE and self.lose_answers:
                self.lose_answers -= 1
                writer.transport.abort()
                return
            if key == VERSIONS and version < 3 and self.users is not None:
                count = struct.unpack_from(">i", frame, 6)[0]
                more = struct.pack(">hhhhhh", HANDSHAKE, 1, 1, AUTHENTICATE, 0, 1)
                frame = frame[:6] + struct.pack(">i", count + 2) + more + frame[10:]
            if key in (METADATA, COORDINATOR):
                host, port = self.upstream
                there, here = (host.encode() + struct.pack(">i", one) for one in (port, self.port))
                frame = frame.replace(there, here)
            await asyncio.sleep(self.delay_s)
            _send(writer, frame)

    async def run(self, started: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.context)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopped.wait()
        server.close()
        for _ in range(10):  # who has not shaken hands yet is no writer so far
            await self._cut()
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(struct.unpack(">i", await reader.readexactly(4))[0])


def _send(writer: asyncio.StreamWriter, frame: bytes) -> None:
    writer.write(struct.pack(">i", len(frame)) + frame)


@contextmanager
def front_of(
    upstream: str, context: ssl.SSLContext | None = None, users: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """A front before the broker at that address, until the block ends."""
    front, started = Front(upstream, context, users), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(front.run(started)))
    thread.start()
    started.wait(10)
    try:
        yield front
    finally:
        front.stop()
        thread.join(10)

"""The least that a Python server can do with HTTP: parse a request, answer the same bytes.

    python noop.py PORT PROCESSES

asyncio's Protocol on uvloop with the httptools parser: what trimtab's data plane stands on, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import httptools
import uvloop

BODY = b'{"model_name":"model","outputs":[{"name":"probability","datatype":"FP64","shape":[1],"data":[0.5]}]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)
ANSWER = HEAD + BODY


class Noop(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A parser for it."""
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """On with the parser."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A request has ended."""
        self.transport.write(ANSWER)


async def main(port: int) -> None:
    """Serves until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(Noop, "127.0.0.1", port, reuse_port=True)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    for _ in range(int(sys.argv[2]) - 1):
        if os.fork() == 0:
            break
    uvloop.run(main(int(sys.argv[1])))

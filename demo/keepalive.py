"""A keep-alive HTTP/1.1 connection with as little of its own in the way as the standard library allows."""

from __future__ import annotations

import asyncio
import re
from typing import Final, Self
from urllib.parse import urlsplit

__all__ = ["Connection", "RefusedRequestError"]

LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSE: Final = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
OK: Final = b"HTTP/1.1 200 "
SHOWN: Final = 500


class RefusedRequestError(Exception):
    """The server answered with something else than 200."""


class Connection:
    """One connection; requests go one after the other. closing: the server has said that it takes no more on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str) -> None:
        """Both ends of an open connection, and where its requests go."""
        self._reader, self._writer = reader, writer
        self.closing = False
        self._head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: "

    @classmethod
    async def open(cls, url: str) -> Self:
        """A connection for requests to one address."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        return cls(reader, writer, place.netloc, place.path)

    async def ask(self, body: bytes) -> bytes:
        """The body of the answer; raises RefusedRequestError unless it is a 200."""
        self._writer.write(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        self.closing = CLOSE.search(head) is not None
        length = LENGTH.search(head)
        answer = await self._reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(OK):
            status = head.partition(b"\r\n")[0].decode()
            msg = f"{status}: {answer[:SHOWN].decode(errors='replace')}"
            raise RefusedRequestError(msg)
        return answer

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

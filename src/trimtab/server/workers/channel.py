"""The line between the server and one worker: small messages over a socket, large blocks through shared memory.

One message each way is under way at a time, so a message never waits for room and memory is never read while written.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any, Final, Self

__all__ = ["Channel", "ChannelEnds", "channel_pair"]

_HEAD: Final = struct.Struct("<cI?")  # kind, length of the block, whether the block lies in shared memory
_SMALL: Final = 32 * 2**10  # bytes that go over the socket itself
_LONGEST: Final = 2**32 - 1


class Channel:
    """One end. A message is a kind (one byte) and a block of bytes."""

    def __init__(self, sock: socket.socket, out_fd: int, in_fd: int) -> None:
        """out_fd, in_fd: the memory that this end writes, and that it reads."""
        self._socket = sock
        self._out = _Memory(out_fd, writes=True)
        self._in = _Memory(in_fd, writes=False)

    def fileno(self) -> int:
        """The socket's, to be watched."""
        return self._socket.fileno()

    def send(self, kind: bytes, pieces: Sequence[Any] = ()) -> None:
        """Send one message; the pieces make its block. OSError when the other end has gone."""
        length = sum(map(len, pieces))
        if length > _LONGEST:
            raise OverflowError(f"a block of {length} bytes")
        if length <= _SMALL:
            # joined: the system takes 1024 pieces at most, and a wide table has more
            self._socket.send(b"".join([_HEAD.pack(kind, length, False), *pieces]))
            return
        self._out.write(pieces, length)
        self._socket.send(_HEAD.pack(kind, length, True))

    def receive(self) -> tuple[bytes, bytes] | None:
        """The next message, its block copied; None when the other end has gone. Waits unless the socket does not.

        ValueError for what is no message.
        """
        data = self._socket.recv(_HEAD.size + _SMALL)
        if not data:
            return None
        if len(data) < _HEAD.size:
            raise ValueError(f"a message of {len(data)} bytes")
        kind, length, shared = _HEAD.unpack_from(data)
        if shared:
            return kind, self._in.read(length)
        if length != len(data) - _HEAD.size:
            raise ValueError(f"a block of {length} bytes in a message of {len(data)}")
        return kind, data[_HEAD.size :]

    def close(self) -> None:
        """Give up the socket and the memory."""
        self._socket.close()
        self._out.close()
        self._in.close()


class _Memory:
    """A file in memory that grows with what is written; it can never be made smaller, by neither end."""

    def __init__(self, fd: int, *, writes: bool) -> None:
        self._fd = fd
        self._access = mmap.ACCESS_WRITE if writes else mmap.ACCESS_READ
        self._map: mmap.mmap | None = None
        self._size = 0

    def write(self, pieces: Sequence[Any], length: int) -> None:
        if length > self._size:
            size = max(1 << (length - 1).bit_length(), 2**20)
            os.ftruncate(self._fd, size)
            self._remap(size)
        assert self._map is not None  # noqa: S101 - a block of more than _SMALL bytes has made one
        start = 0
        for piece in pieces:
            self._map[start : start + len(piece)] = piece
            start += len(piece)

    def read(self, length: int) -> bytes:
        if length > self._size:
            self._remap(os.fstat(self._fd).st_size)
        if self._map is None or length > self._size:
            raise ValueError(f"a block of {length} bytes in a memory of {self._size}")
        return self._map[:length]

    def _remap(self, size: int) -> None:
        if self._map is not None:
            self._map.close()
        self._map, self._size = None, 0
        if size:
            self._map, self._size = mmap.mmap(self._fd, size, access=self._access), size

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
        os.close(self._fd)


class ChannelEnds:
    """What the other process needs to make its end: a socket and two descriptors, closed here once it has them."""

    def __init__(self, sock: socket.socket, out_fd: int, in_fd: int) -> None:
        """The three as the other end sees them."""
        self.socket, self.out_fd, self.in_fd = sock, out_fd, in_fd

    @property
    def fds(self) -> list[int]:
        """In the order in which `from_fds` takes them."""
        return [self.socket.fileno(), self.out_fd, self.in_fd]

    @classmethod
    def from_fds(cls, fds: Sequence[int]) -> Self:
        """The ends in the process that received the descriptors."""
        sock, out_fd, in_fd = fds
        return cls(socket.socket(fileno=sock), out_fd, in_fd)

    def open(self) -> Channel:
        """The channel of this end."""
        return Channel(self.socket, self.out_fd, self.in_fd)

    def close(self) -> None:
        """Forget them here."""
        self.socket.close()
        os.close(self.out_fd)
        os.close(self.in_fd)


def channel_pair() -> tuple[Channel, ChannelEnds]:
    """The server's end, which does not wait, and what makes the worker's end, which does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    asks, answers = _memory_file("asks"), _memory_file("answers")
    return Channel(ours, asks, answers), ChannelEnds(theirs, os.dup(answers), os.dup(asks))


def _memory_file(name: str) -> int:
    fd = os.memfd_create(f"trimtab-{name}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    return fd

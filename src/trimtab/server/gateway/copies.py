"""A body that passes, kept as far as it is short enough."""

from __future__ import annotations

__all__ = ["Copy"]


class Copy:
    """Collects pieces; a body that is too long is not kept at all."""

    __slots__ = ("_kept", "_most", "_size")

    def __init__(self, most: int) -> None:
        """most: bytes."""
        self._kept: list[bytes] = []
        self._most = most
        self._size = 0

    def add(self, piece: bytes) -> None:
        """More of it."""
        self._size += len(piece)
        if self._size > self._most:
            self._kept.clear()
        elif piece:
            self._kept.append(piece)

    @property
    def whole(self) -> bytes | None:
        """The body so far; None where it is longer than is kept."""
        return None if self._size > self._most else b"".join(self._kept)

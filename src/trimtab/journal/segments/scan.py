"""From bytes to frames past whatever damage there is; what is damaged is told by place and length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.journal.segments.frames import Frame, Mark, whole

__all__ = ["Damage", "What", "scan"]

What: TypeAlias = Literal["header", "damaged", "torn"]
_BLOCK: Final = 1 << 20  # bytes that are read at once
_WORD: Final = 4  # bytes of the word that a frame begins with


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a segment, in bytes, that holds no whole frame.

    what: `torn` at the end of a segment, as a kill, a full disk or a power cut leaves it: of a write that nobody was
    told had succeeded, as a rule. `damaged` between whole frames, `header` at the beginning: bytes that were changed.
    """

    at: int
    length: int
    what: What


def scan(
    read: Callable[[int, int], bytes], mark: Mark, span: tuple[int, int], damaged: Callable[[int, int], None]
) -> Iterator[Frame]:
    """The whole frames in a span of a segment, in order.

    read: so many bytes from there, or fewer at the end. damaged: is told begin and end of each stretch that holds no
    whole frame, as soon as the next whole one is found or the end is reached.
    """
    at, end = span
    good = at  # where the last whole frame ended
    size = _BLOCK
    while at < end:
        data = read(at, min(size, end - at))
        if not data:  # it was cut meanwhile
            break
        frames, stop, wanted = whole(data, mark)
        if frames:
            if good < at:
                damaged(good, at)
            yield from frames
            at = good = at + stop
            size = _BLOCK
        elif len(data) < wanted <= end - at and size < wanted:
            size = wanted
        else:
            at += _next(data, mark)
            size = _BLOCK
    if good < end:
        damaged(good, end)


def _next(data: bytes, mark: Mark) -> int:
    """Where the next frame may begin, at least one byte on."""
    found = data.find(mark.word.to_bytes(_WORD, "little"), 1)
    return found if found > 0 else max(len(data) - _WORD + 1, 1)

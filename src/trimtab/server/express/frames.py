"""The text of a body around its numbers: learned from one that was read in full, and good for all that share it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trimtab.core.signature import Field

__all__ = ["Frame", "Hole", "frame_of"]

_LIST: Final = re.compile(rb"\[[ \t\r\n]*([-0-9][^\[\]{}\":]*)\]")
_SHAPE: Final = re.compile(rb'"shape"[ \t\r\n]*:[ \t\r\n]*\Z')
_LOOKED: Final = 64  # bytes ahead of a list, in which its key stands
_HOLES: Final = 256
_KEYS: Final = 4  # of a tensor


@dataclass(frozen=True, slots=True)
class Hole:
    """A list of `count` numbers, which belong into the matrix from its place `first` on, each `step` further."""

    count: int
    first: int
    step: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before, between and behind the holes; and the rows of the matrix that they fill."""

    texts: tuple[bytes, ...]
    holes: tuple[Hole, ...]
    rows: int


def frame_of(
    body: bytes, columns: Mapping[str, Any], fields: Mapping[str, Field], *, matrix: bool, rows: int
) -> Frame | None:
    """The frame of a body of the Open Inference Protocol; None where it says more than columns of numbers.

    columns: as they were read, in the order of the body, of `rows` rows each. matrix: the one column is the matrix,
    else each is one of its columns, in the order of the fields.
    """
    # as many colons as keys: there is no text that looks like a key, and nothing beside the tensors
    if not rows or body.count(b":") != 1 + _KEYS * len(columns) or len(columns) != len(fields):
        return None
    lists = [
        one for one in _LIST.finditer(body) if not _SHAPE.search(body[max(one.start() - _LOOKED, 0) : one.start()])
    ]
    counts = [one[1].count(b",") + 1 for one in lists]
    if not lists or len(lists) > _HOLES:
        return None
    if matrix:
        (field,) = fields.values()
        holes = _sequence(counts, rows * field.shape[1])
    else:
        places = {name: at for at, name in enumerate(fields)}
        whole = len(lists) == len(columns) and set(counts) == {rows}
        holes = [Hole(rows, places[name], len(fields)) for name in columns] if whole else None
    if holes is None:
        return None
    ends = [0, *(end for one in lists for end in (one.start() + 1, one.end() - 1)), len(body)]
    return Frame(tuple(body[ends[k] : ends[k + 1]] for k in range(0, len(ends), 2)), tuple(holes), rows)


def _sequence(counts: Sequence[int], wanted: int) -> list[Hole] | None:
    """Lists one after the other."""
    holes, first = [], 0
    for count in counts:
        holes.append(Hole(count, first, 1))
        first += count
    return holes if first == wanted else None

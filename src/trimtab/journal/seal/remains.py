"""What of a segment could not be read, kept aside as it was: `segments/damaged/<segment>.jsonl`.

Nothing is thrown away silently. But nobody can tell whom it is about: it goes when anybody is forgotten, and with age
and size as all else does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from trimtab.journal.seal.gather import Unread
from trimtab.journal.segments.scan import Damage

__all__ = ["remains", "write_remains"]

_PIECE: Final = 1 << 20  # bytes of a line


def remains(segment: Path, damage: Iterable[Damage], unread: Iterable[Unread]) -> Iterator[dict[str, Any]]:
    """A line for each piece, and for each frame that said nothing; what the disk zeroed has no bytes."""
    with segment.open("rb") as file:
        for one in damage:
            for at in range(one.at, one.at + one.length, _PIECE):
                file.seek(at)
                data = file.read(min(_PIECE, one.at + one.length - at))
                told = {"at": at, "length": len(data), "why": one.what}
                yield told | ({"bytes": base64.b64encode(data).decode()} if any(data) else {})
    for frame, why in unread:
        yield {"kind": frame.kind, "why": why, "bytes": base64.b64encode(frame.payload).decode()}


def write_remains(lines: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    """As JSON, one a line; how many."""
    count = 0
    for line in lines:
        file.write(json.dumps(line).encode() + b"\n")
        count += 1
    return count

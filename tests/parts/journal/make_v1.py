"""Writes the segments of format 1 that are read for ever: python tests/parts/journal/make_v1.py

It was run once, when that format was new. What it wrote is kept as it is; a newer format gets a folder of its own.
"""

from __future__ import annotations

from pathlib import Path

from trimtab.journal.segments.files import OS
from trimtab.journal.segments.frames import FORMAT, Frame, Kind, declaration
from trimtab.journal.segments.growing import Growing
from trimtab.journal.segments.records import record_frame

FOLDER = Path(__file__).parent / "v1"
NAME = "00112233aabbccdd-000001"
CREATED = 1760000000.25
FRAMES = [
    declaration(1, b'{"inputs":["x"]}'),
    Frame(Kind.INTERACTION, bytes(range(256))),
    Frame(Kind.INTERACTION, b""),
    declaration(2, b'{"inputs":["x","y"]}'),
    record_frame("truth", {"id": "a-1", "value": 1.5, "name": "late", "note": "später"}),
    Frame(Kind.GAP, b'{"count":3,"why":"full disk"}'),
    Frame(Kind.INTERACTION, b"x" * 5000),
]


def main(folder: Path = FOLDER) -> None:
    """One whole segment; the damaged ones are made of it by the tests."""
    if FORMAT != 1:
        raise SystemExit("the format is newer: these segments cannot be written any more, and need not be")
    folder.mkdir(exist_ok=True)
    segment = Growing(folder, NAME, CREATED, FRAMES[:1], OS)
    segment.write(FRAMES[1:])
    segment.close()


if __name__ == "__main__":
    main()

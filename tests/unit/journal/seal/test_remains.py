"""What could not be read is kept as it was."""

from __future__ import annotations

import base64
import io
import json

from trimtab.journal.seal.gather import Unread
from trimtab.journal.seal.remains import remains, write_remains
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.scan import Damage


def test_stretches_and_frames(tmp_path):
    path = tmp_path / "a-000001.seg"
    path.write_bytes(bytes(range(100)) + bytes(50) + b"\xff" * (3 << 20))
    damage = [Damage(10, 5, "damaged"), Damage(100, 50, "damaged"), Damage(150, (1 << 20) + 7, "torn")]
    file = io.BytesIO()
    assert write_remains(remains(path, damage, [Unread(Frame(9, b"?"), "kind 9 is not known")]), file) == 5
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert base64.b64decode(lines[0]["bytes"]) == bytes(range(10, 15))
    assert lines[1] == {"at": 100, "length": 50, "why": "damaged"}
    assert [(line["at"], line["length"]) for line in lines[2:4]] == [(150, 1 << 20), (150 + (1 << 20), 7)]
    assert lines[4] == {"kind": 9, "why": "kind 9 is not known", "bytes": base64.b64encode(b"?").decode()}

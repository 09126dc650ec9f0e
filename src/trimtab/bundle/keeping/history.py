"""What each name pointed at before: `history/<name>` in the store, a line `<alias> <digest>` for each move, in order.

Lines are only ever added. A line that a crash cut short is skipped, and the next one starts afresh.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from trimtab.bundle.manifest import NAME
from trimtab.core.replacement import sync_folder

__all__ = ["former", "moves", "remember"]

_LINE: Final = re.compile(r"(\S+) (sha256:[0-9a-f]{64})")
_FOLDER: Final = "history"


def remember(root: Path, name: str, alias: str, digests: Iterable[str]) -> None:
    """Note that the alias comes to point at these, one after the other; what the last line says is not said again.

    The caller holds the store's lock. root: the store's.
    """
    last = next((digest for word, digest in reversed(moves(root, name)) if word == alias), "")
    lines = []
    for digest in digests:
        if digest != last:
            lines.append(f"{alias} {digest}\n")
            last = digest
    if not lines:
        return
    path = root / _FOLDER / name
    path.parent.mkdir(exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        _write(handle, ("\n" if torn else "") + "".join(lines))
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def _write(handle: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(handle, data) :]


def moves(root: Path, name: str) -> list[tuple[str, str]]:
    """(alias, digest) in the order in which they were set; none for a name that nobody has ever moved."""
    if not NAME.fullmatch(name):
        return []
    try:
        text = (root / _FOLDER / name).read_text("utf-8", "replace")
    except OSError:
        return []
    return [(found[1], found[2]) for line in text.splitlines() if (found := _LINE.fullmatch(line))]


def former(root: Path, name: str) -> list[str]:
    """All digests that some alias of the name was set to, each once, the one of the latest move first."""
    return list(dict.fromkeys(digest for _, digest in reversed(moves(root, name))))

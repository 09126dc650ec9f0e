"""What the head of an ELF file says: which machine it is for, and which glibc it asks for. Nothing is run or loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = ["ELF", "HEAD", "glibc_of", "machine_of", "strangers"]

ELF: Final = b"\x7fELF"
HEAD: Final = 20  # bytes that `machine_of` needs
_MACHINES: Final = {(2, 62): "amd64", (2, 183): "arm64"}  # class (64 bits) and e_machine of the ELF specification
_NEEDED: Final = re.compile(rb"GLIBC_2\.(\d+)\0")


def machine_of(head: bytes) -> str:
    """`amd64`, `arm64`, or another machine by its number; empty for what is no ELF file."""
    if not head.startswith(ELF) or len(head) < HEAD:
        return ""
    order = "little" if head[5] == 1 else "big"
    number = int.from_bytes(head[18:20], order)  # type: ignore[arg-type]  # one of the two words
    known = _MACHINES.get((head[4], number)) if order == "little" else None
    return known or f"ELF machine {number} with {32 * head[4]} bits"


def glibc_of(data: bytes) -> int:
    """The highest minor version of glibc 2 whose symbols the file asks for; 0 for none."""
    return max((int(found) for found in _NEEDED.findall(data)), default=0)


def strangers(folder: Path, machine: str) -> dict[str, str]:
    """Every ELF file below the folder that is for another machine, by its relative name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                what = machine_of(file.read(HEAD))
            if what not in ("", machine):
                found[path.relative_to(folder).as_posix()] = what
    return found

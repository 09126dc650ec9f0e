"""The tar form of an OCI layout, from POSIX.1-1988 (`ustar`): read strictly, written steadily; bytes in, values out.

Of all that tar can say this reads plain files and folders under the names of a layout, and refuses the rest by name: an
archive that two programs could understand in two ways is understood by none of ours.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from trimtab.bundle.oci.blobs import MOST
from trimtab.core.errors import Problem, UserError

__all__ = ["BLOCK", "END", "LARGEST_MEMBER", "Member", "header", "padding", "read_members", "ustar"]

Read: TypeAlias = Callable[[int, int], bytes]  # offset and length to bytes, fewer at the end of the file

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)
LARGEST_MEMBER: Final = 8**11 - 1  # bytes; what eleven octal digits say
_TAIL: Final = 1 << 20  # bytes of zeros that may follow the last member; tar programs fill a record of 10 KiB
_FIELDS: Final = struct.Struct("100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12s")
_NAME: Final = re.compile(rb"(?:oci-layout|index\.json|blobs/sha256/[0-9a-f]{64})\0+")
_FOLDER: Final = re.compile(rb"blobs(?:/sha256)?/?\0+")
_SUM: Final = re.compile(rb"[0-7]{6}\0 ")
_NUMBER: Final = re.compile(rb"[0-7]+[\0 ]")
_KINDS: Final = {
    b"1": "a hard link", b"2": "a link", b"3": "a device", b"4": "a device", b"6": "a pipe", b"7": "a contiguous file",
    b"x": "a pax header", b"g": "a global pax header", b"X": "a pax header", b"L": "a GNU long name",
    b"K": "a GNU long name", b"S": "a sparse file", b"D": "a GNU folder dump", b"M": "a part of another volume",
    b"V": "a volume label",
}  # fmt: skip
_OTHERS: Final = {
    b"\x1f\x8b": ("compressed with gzip", "`gunzip` it first"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "`zstd -d` it first"),
    b"\xfd7zXZ\0": ("compressed with xz", "`unxz` it first"),
    b"BZh": ("compressed with bzip2", "`bunzip2` it first"),
    b"\x04\x22\x4d\x18": ("compressed with lz4", "`lz4 -d` it first"),
    b"PK\x03\x04": ("a zip file", ""),
    b"\x7fELF": ("a program", ""),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: where its content begins, and its length, both in bytes."""

    offset: int
    size: int


def read_members(read: Read, size: int, where: str) -> dict[str, Member]:
    """The files of an archive of so many bytes, by name; UserError P213 naming the member that is wrong."""
    found: dict[str, Member] = {}
    folders: set[str] = set()
    at = 0
    while (block := read(at, BLOCK)) != END[:BLOCK]:
        if len(block) < BLOCK:
            raise _refused("ends before the two blocks of zeros that every archive ends with", where)
        if len(found) + len(folders) >= MOST:
            raise _refused(f"has more than {MOST} members", where)
        name, is_folder, length = _parse(block, at, where)
        if name in found or name in folders:
            raise _refused(f"has {name!r} twice", where)
        begin, at = at + BLOCK, at + BLOCK + length + padding(length)
        if at > size:
            raise _refused(f"ends inside {name!r}, which should have {length} bytes", where)
        if padding(length) and any(read(begin + length, padding(length))):
            raise _refused(f"has bytes behind the end of {name!r} that belong to nothing", where)
        if is_folder:
            folders.add(name)
        else:
            found[name] = Member(begin, length)
    _check_tail(read, at, size, where)
    return found


def padding(length: int) -> int:
    """Bytes of zeros that follow a content of this length."""
    return -length % BLOCK


def header(name: str, size: int, *, folder: bool = False) -> bytes:
    """The block before a member: of nobody, at the beginning of time, the same wherever it is written.

    size: bytes, at most `LARGEST_MEMBER`.
    """
    return ustar((b"", name.encode()), size, 0o755 if folder else 0o644, b"5" if folder else b"0")


def ustar(name: tuple[bytes, bytes], size: int, mode: int, kind: bytes, target: bytes = b"") -> bytes:
    """The same of any kind; name: its prefix, at most 155 bytes, and the rest, at most 100; target: of a link."""
    nobody, long = b"0000000\0", b"%011o\0"
    prefix, rest = name
    fields = [
        rest, b"%07o\0" % mode, nobody, nobody, long % size, long % 0, b" " * 8, kind, target, b"ustar\0", b"00",
        b"", b"", nobody, nobody, prefix, b"",
    ]  # fmt: skip
    fields[6] = b"%06o\0 " % sum(_FIELDS.pack(*fields))
    return _FIELDS.pack(*fields)


def _parse(block: bytes, at: int, where: str) -> tuple[str, bool, int]:
    """Name, whether it is a folder, and size in bytes."""
    field = _FIELDS.unpack(block)
    name, mode, uid, gid, size, mtime, checksum, kind, link, magic, version, _, _, major, minor, prefix, rest = field
    if not _SUM.fullmatch(checksum) or int(checksum[:6], 8) != sum(block) - sum(checksum) + 8 * ord(" "):
        raise _no_header(block, at, where)
    shown = _shown(name)
    if kind not in (b"0", b"\0", b"5"):
        what = _KINDS.get(kind, f"of the unknown kind {kind!r}")
        raise _refused(f"{shown} is {what}, only plain files are read", where)
    if (magic, version) != (b"ustar\0", b"00"):
        raise _refused(f"{shown} is not in the form `ustar`", where, "write it with `tar --format=ustar`")
    is_folder = kind == b"5"
    if any(prefix) or not (_FOLDER if is_folder else _NAME).fullmatch(name):
        raise _refused(f"{shown} is no member of an OCI layout", where)
    numbers = (mode, uid, gid, size, mtime, *(number for number in (major, minor) if any(number)))
    if not all(map(_NUMBER.fullmatch, numbers)) or any(link) or any(rest):
        raise _refused(f"{shown} has a header that says more than name, size and plain numbers", where)
    if is_folder and int(size[:-1], 8):
        raise _refused(f"{shown} is a folder with content", where)
    return name.rstrip(b"\0").rstrip(b"/").decode(), is_folder, int(size[:-1], 8)


def _shown(name: bytes) -> str:
    return repr(name.rstrip(b"\0").decode("utf-8", "backslashreplace"))


def _no_header(block: bytes, at: int, where: str) -> UserError:
    for magic, (what, hint) in _OTHERS.items():
        if at == 0 and block.startswith(magic):
            return _refused(f"is {what}, not a plain tar archive", where, hint)
    if at == 0 and b"ustar" not in block:
        return _refused("is no tar archive", where)
    return _refused(f"has a damaged header at byte {at}, of {_shown(block[:100])}", where)


def _check_tail(read: Read, at: int, size: int, where: str) -> None:
    rest = size - at
    if rest < len(END):
        raise _refused("ends before the two blocks of zeros that every archive ends with", where)
    if rest > _TAIL or rest % BLOCK or any(read(at, rest)):
        raise _refused("goes on behind its end: something is appended to it", where)


def _refused(what: str, where: str, hint: str = "") -> UserError:
    return UserError(Problem("P213", what, where, hint))

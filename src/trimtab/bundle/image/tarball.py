"""A tar file that is the same whenever and wherever it is written: names sorted, one time, one owner, plain headers.

POSIX ustar; an extended (pax) header stands only before a name that ustar cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from trimtab.bundle.oci.blobs import file_pieces
from trimtab.bundle.oci.tar import END, LARGEST_MEMBER, padding, ustar

__all__ = ["Member", "members_of", "tar_pieces"]

_NAME, _PREFIX = 100, 155  # bytes of the two fields of a name
_EXECUTABLE: Final = 0o100


@dataclass(frozen=True, slots=True)
class Member:
    """A file with its content or the place of it, a folder (None), or a link (the text of its target).

    The name is relative, without a final `/`.
    """

    name: str
    data: bytes | Path | str | None
    mode: int = 0o777


def members_of(folder: Path, prefix: str, *, file_mode: int = 0o644, folder_mode: int = 0o755) -> list[Member]:
    """Everything below a folder, under the prefix in the image, with the folders that lead there.

    Files get the mode, and the right to execute where they have it and `file_mode` lets the owner write.
    """
    found = [Member(str(parent), None, 0o755) for parent in PurePosixPath(prefix).parents if parent.name]
    found.append(Member(prefix, None, folder_mode))
    for path in folder.rglob("*"):
        name = f"{prefix}/{path.relative_to(folder).as_posix()}"
        if path.is_symlink():
            raise ValueError(f"a link, which no layer of ours has: {path}")
        if path.is_dir():
            found.append(Member(name, None, folder_mode))
        else:
            runs = file_mode & 0o200 and path.stat().st_mode & _EXECUTABLE
            found.append(Member(name, path, 0o755 if runs else file_mode))
    return found


def tar_pieces(members: Iterable[Member]) -> Iterator[bytes]:
    """The bytes of the tar file; the members may come in any order, no name twice."""
    for member in sorted(members, key=lambda one: one.name):
        match member.data:
            case None:
                yield _head(f"{member.name}/", 0, member.mode, b"5")
            case str() as target:
                yield _head(member.name, 0, member.mode, b"2", target)
            case bytes() as data:
                yield _head(member.name, len(data), member.mode, b"0")
                yield data
                yield bytes(padding(len(data)))
            case path:
                size = path.stat().st_size
                yield _head(member.name, size, member.mode, b"0")
                yield from file_pieces(path)
                yield bytes(padding(size))
    yield END


def _head(name: str, size: int, mode: int, kind: bytes, target: str = "") -> bytes:
    raw = name.encode()
    split = _split(raw) if raw.isascii() else None
    if split is not None:
        return _ustar(*split, size, mode, kind, target)
    record = _pax_record(raw)
    extended = _ustar(b"", b"pax", len(record), 0o644, b"x") + record + bytes(padding(len(record)))
    return extended + _ustar(b"", raw[:_NAME].decode(errors="ignore").encode(), size, mode, kind, target)


def _split(raw: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and name as ustar has them; None where no `/` is in the right place."""
    if len(raw) <= _NAME:
        return b"", raw
    at = raw.find(b"/", len(raw) - _NAME - 1, len(raw) - 1)
    return (raw[:at], raw[at + 1 :]) if 0 < at <= _PREFIX else None


def _pax_record(raw: bytes) -> bytes:
    """One record: its length, which counts itself, a blank, `path=`, the name, a line break."""
    rest = b" path=" + raw + b"\n"
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def _ustar(prefix: bytes, name: bytes, size: int, mode: int, kind: bytes, target: str = "") -> bytes:
    if size > LARGEST_MEMBER or len(target) > _NAME or not target.isascii():
        raise ValueError(f"more than a tar header can say: {size} bytes, link to {target!r}")
    return ustar((prefix, name), size, mode, kind, target.encode())

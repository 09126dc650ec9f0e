"""Layers that are made once: under the store's `images/`, by the content of what went in.

`images/blobs/` holds layers as in an OCI layout; `images/layers/<hex>.json` says which layer came of which inputs.
Both appear whole or not at all, so any number of processes may build at a time. All of it can be made again, so what
was not asked for in a month may go.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from trimtab.bundle.image.gzipped import COMPRESSOR, pack
from trimtab.bundle.image.tarball import Member, tar_pieces
from trimtab.bundle.incoming import incoming_folder, whole_file
from trimtab.bundle.manifest import canonical
from trimtab.bundle.oci.blobs import verified
from trimtab.bundle.oci.layout import Layout
from trimtab.bundle.oci.spec import GZIP_LAYER, Descriptor
from trimtab.bundle.store import on_disk
from trimtab.core.errors import UserError
from trimtab.core.replacement import sync_folder

__all__ = ["Layer", "LayerStore", "key_of"]

T = TypeVar("T")
Make: TypeAlias = Callable[[Path], tuple[Iterable[Member], tuple[str, ...]]]
_UNUSED_S: Final = 30 * 86_400.0  # after which what was noted goes
_NEW_S: Final = 86_400.0  # for so long a build may be at what nothing names yet
_FORMAT: Final = 1  # of the layers' own form: counts for every key


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of ours: its name for people, its blob, the digest and size in bytes of what it unpacks to."""

    name: str
    descriptor: Descriptor
    diff_id: str
    unpacked: int
    fresh: bool = False
    notes: tuple[str, ...] = ()


class _Kept(msgspec.Struct, frozen=True):
    descriptor: Descriptor
    diff_id: str
    unpacked: int
    notes: tuple[str, ...] = ()


def key_of(inputs: Any) -> str:
    """The name of what is made of JSON-ready inputs by this version of the program."""
    return hashlib.sha256(canonical([_FORMAT, COMPRESSOR, inputs])).hexdigest()


class LayerStore:
    """The layers that were made here before."""

    def __init__(self, root: Path) -> None:
        """root: the store's folder; nothing is made yet."""
        self.root = root
        self.folder = root / "images"
        self.blobs = Layout(self.folder)

    def layer(self, name: str, inputs: Any, make: Make) -> Layer:
        """The layer of these inputs; `make` gives its members, and what is to be said of it, with an empty folder.

        OutsideError (P236) where the disk fails.
        """
        key = key_of([name, inputs])
        kept = self.recall("layers", key, _Kept)
        if kept is not None and self._is_sound(kept.descriptor):
            return Layer(name, kept.descriptor, kept.diff_id, kept.unpacked, notes=kept.notes)
        with on_disk(self.root):
            return self._made(name, key, make)

    def _made(self, name: str, key: str, make: Make) -> Layer:
        with incoming_folder(self.root) as scratch:
            work = scratch / "work"
            work.mkdir()
            members, notes = make(work)
            packed_file = scratch / "layer"
            with packed_file.open("wb") as file:
                packed = pack(tar_pieces(members), file.write)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            descriptor = Descriptor(GZIP_LAYER, packed.digest, packed.size)
            fresh = not self._is_sound(descriptor)
            if fresh:  # moved: whoever is killed here leaves nothing but what `incoming/` is swept of
                place = self.folder / "blobs/sha256" / packed.digest.removeprefix("sha256:")
                place.parent.mkdir(parents=True, exist_ok=True)
                packed_file.replace(place)
                sync_folder(place.parent)
        self.remember("layers", key, _Kept(descriptor, packed.diff_id, packed.unpacked, notes))
        return Layer(name, descriptor, packed.diff_id, packed.unpacked, fresh=fresh, notes=notes)

    def recall(self, kind: str, key: str, shape: type[T]) -> T | None:
        """What was noted under that key; None for nothing, or for what cannot be read."""
        note = self.folder / kind / f"{key}.json"
        found = _note(note, shape)
        with suppress(OSError):  # a store that is only read keeps no record of it
            os.utime(note)
        return found

    def remember(self, kind: str, key: str, value: Any) -> None:
        """Note a value under a key, whole or not at all."""
        folder = self.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / f"{key}.json") as file:
            file.write(msgspec.json.encode(value))

    def sweep(self, now_s: float, *, dry_run: bool = False) -> int:
        """Remove what nobody has asked for in a month, blobs that nothing names, and drafts of the dead; bytes freed.

        now_s: since 1970. dry_run: count, and remove nothing.
        """
        old = [path for path in self.folder.glob("*/**/*.json") if _is_older(path, now_s, _UNUSED_S)]
        left = {path for path in (self.folder / "layers").glob("*.json") if path not in old}
        named = {kept.descriptor.digest for path in left if (kept := _note(path, _Kept)) is not None}
        blobs = (path for path in (self.folder / "blobs/sha256").glob("*") if f"sha256:{path.name}" not in named)
        old += [path for path in blobs if _is_older(path, now_s, _NEW_S)]
        old += [path for path in self.folder.glob("**/.*") if path.is_file() and _is_older(path, now_s, _NEW_S)]
        freed = 0
        for path in dict.fromkeys(old):
            with suppress(FileNotFoundError):  # another one sweeps, too
                freed += path.stat().st_size
                if not dry_run:
                    path.unlink()
        return freed

    def _is_sound(self, descriptor: Descriptor) -> bool:
        """A blob that was damaged since is made again."""
        try:
            return self.blobs.has(descriptor) and all(True for _ in verified(descriptor, self.blobs.read(descriptor)))
        except UserError:
            return False


def _note(path: Path, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.DecodeError):
        return None


def _is_older(path: Path, now_s: float, age_s: float) -> bool:
    try:
        return now_s - path.stat().st_mtime > age_s
    except FileNotFoundError:
        return False

"""Garbage collection: what nobody needs leaves the store; what somebody has stays, whoever that is."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from trimtab.bundle.incoming import exclusive, incoming_folder
from trimtab.bundle.keeping.leases import claimed
from trimtab.bundle.stock import Limits, Waste, waste
from trimtab.bundle.store import Entry, Store, on_disk
from trimtab.core.replacement import sync_folder

__all__ = ["collect"]


def collect(store: Store, limits: Limits) -> Waste:
    """Remove what `waste` names, and what dead processes left; what was removed.

    What goes is moved away first, whole, and deleted then: a crash leaves it to the next one that adds or collects.
    Raises OutsideError (P236) where the store cannot be written.
    """
    if not store.root.is_dir():
        return Waste()
    with on_disk(store.root):
        with incoming_folder(store.root) as trash, exclusive(store.root):
            found = waste(store, limits)
            moved = _move(store, found.bundles, trash)
            _clear(found.beside, trash)
        _drop(found.blobs)  # now that the links of the bundles are gone
    return replace(found, bundles=moved, used=(*found.used, *(one for one in found.bundles if one not in moved)))


def _move(store: Store, entries: Iterable[Entry], trash: Path) -> tuple[Entry, ...]:
    """Nobody gets a lease on a folder while it moves; whoever waits for one finds that it is gone."""
    moved = []
    for number, entry in enumerate(entries):
        folder = store.folder(entry.digest)
        with claimed(folder) as free:
            if free:
                folder.rename(trash / f"bundle{number}")
                moved.append(entry)
    if moved:
        sync_folder(store.folder(moved[0].digest).parent)
    return tuple(moved)


def _clear(paths: Iterable[Path], trash: Path) -> None:
    folders = set()
    for number, path in enumerate(paths):
        path.rename(trash / f"beside{number}")
        folders.add(path.parent)
    for folder in sorted(folders):
        sync_folder(folder)


def _drop(blobs: Iterable[Path]) -> None:
    """Those that no bundle has come to hold meanwhile; one that links to a blob as it goes keeps the file."""
    folders = set()
    for blob in blobs:
        with suppress(FileNotFoundError):
            if blob.lstat().st_nlink == 1:
                blob.unlink()
                folders.add(blob.parent)
    for folder in sorted(folders):
        sync_folder(folder)

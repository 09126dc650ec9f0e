"""Bundles that were taken without having been loaded here: `untried/<hex>` in the store says why."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trimtab.bundle.incoming import exclusive, write_synced

__all__ = ["mark", "untried"]

_FOLDER: Final = "untried"
_MOST: Final = 2000  # characters


def mark(root: Path, digest: str, why: str) -> None:
    """Note why the bundle was not tried; that it was, for an empty reason. root: the store's."""
    path = _path(root, digest)
    if not why:
        path.unlink(missing_ok=True)
        return
    with exclusive(root):
        path.parent.mkdir(exist_ok=True)
        write_synced(path, why[:_MOST] + "\n")


def untried(root: Path, digest: str) -> str:
    """Why the bundle was not tried; empty when it was, or was made here."""
    try:
        return _path(root, digest).read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _path(root: Path, digest: str) -> Path:
    return root / _FOLDER / digest.removeprefix("sha256:")

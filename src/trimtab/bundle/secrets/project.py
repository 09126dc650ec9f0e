"""The project folder, which is not packed: what in it is secret stays out, and is named so that the user knows."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.bundle.secrets.look import Budget, look
from trimtab.bundle.secrets.names import FOLDERS, secret_name

__all__ = ["Kept", "find_kept_out", "kept_out_lines"]

_FILES: Final = 10_000
_SECONDS: Final = 2.0
_BYTES: Final = 1 << 20  # of one file
_HEAD: Final = 1 << 20
_SHOWN: Final = 30
# made by tools, and large
_SKIPPED: Final = frozenset(
    {".cache", ".hypothesis", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox"}
    | {".trimtab", ".venv", "__pycache__", "node_modules", "site-packages", "venv"}
)
# harmless as such, and nearly everywhere: only what they hold is told
_USUAL: Final = ("notebook with outputs", "source control")
_CONFIGS: Final = {".git": "config", ".hg": "hgrc"}  # the file in which a password may stand


@dataclass(frozen=True, slots=True)
class Kept:
    """Something secret that lies in the project folder, and what it is; `path` is a folder or a file."""

    path: Path
    where: str
    kind: str


def find_kept_out(root: Path, skip: Path, budget: Budget | None = None) -> tuple[list[Kept], Budget]:
    """What is secret below the project folder, by name or by content, in the order of names, and what the search cost.

    skip: the store. Links are not followed. At most 10,000 files and 2 s; the budget's `cut` says what was left out.
    """
    budget = budget or Budget(_BYTES, _SECONDS)
    found: list[Kept] = []
    for number, (path, name) in enumerate(_entries(root, skip)):
        if number >= _FILES or budget.is_spent():
            budget.cut.append(name)
            break
        found += _judged(path, name, budget)
    return sorted(found, key=lambda one: one.where), budget


def _judged(path: Path, name: str, budget: Budget) -> Iterator[Kept]:
    if name.endswith("/"):
        yield Kept(path, name.rstrip("/"), FOLDERS[path.name.lower()])
        return
    kind = secret_name(name, lambda: _head(path))
    if kind and kind not in _USUAL:
        yield Kept(path, name, kind)
        return
    inside = look(path, name, Budget(budget.bytes, budget.seconds), unpack=False)
    if inside:
        more = f" and {len(inside) - 1} more" if len(inside) > 1 else ""
        yield Kept(path, inside[0].where, f"{inside[0].kind}{more}")


def _entries(root: Path, skip: Path) -> Iterator[tuple[Path, str]]:
    """Files by their relative names; folders that are secret as a whole with a `/` behind, and not what is in them."""
    todo = [root]
    while todo:
        folder = todo.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path, word = Path(entry.path), entry.name.lower()
            name = path.relative_to(root).as_posix()
            if entry.is_file(follow_symlinks=False):
                yield path, name
            elif not entry.is_dir(follow_symlinks=False) or entry.name in _SKIPPED or path == skip:
                continue
            elif word in _CONFIGS:
                if (path / _CONFIGS[word]).is_file():
                    yield path / _CONFIGS[word], f"{name}/{_CONFIGS[word]}"
            elif word in FOLDERS:
                yield path, f"{name}/"
            else:
                todo.append(path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def kept_out_lines(kept: list[Kept], packed: Collection[Path], budget: Budget) -> Iterator[str]:
    """A line for each that is not packed; at the end how many more there are, and whether not everything was seen."""
    there = set(packed)
    lines = [f"{one.where} ({one.kind})" for one in kept if there.isdisjoint((one.path, *one.path.parents))]
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {len(lines) - _SHOWN} more"
    if budget.cut:
        yield f"the search of the folder ended at `{budget.cut[0]}`, before its end"

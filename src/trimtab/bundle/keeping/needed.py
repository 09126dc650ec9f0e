"""Bundles that an environment needs: `needed/<environment>/<endpoint>~<record>.json` in the store says which, for what.

Whoever releases writes it before anything is exposed and again when it is over; whoever makes room reads it. It holds
what runs, what is on its way, and what a rollback would go back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.incoming import exclusive, write_synced
from trimtab.bundle.manifest import NAME
from trimtab.bundle.reference import DIGEST
from trimtab.bundle.store import on_disk
from trimtab.core.errors import Problem, UserError

__all__ = ["need", "needed"]

_FOLDER: Final = "needed"
_READ: Final = msgspec.json.Decoder(dict[str, str])


def need(root: Path, environment: str, endpoint: str, digests: Mapping[str, str], record: str = "") -> None:
    """From now on these are needed there, and no others. digests: each with its use, as `live`. root: the store's.

    record: a word for the record of releases; another's endpoint of the same name is another one. OutsideError P236.
    """
    if not NAME.fullmatch(environment) or not NAME.fullmatch(endpoint) or not all(map(DIGEST.fullmatch, digests)):
        what = f"`{environment}/{endpoint}` needs what is no digest of a bundle, or has no name that a file can have"
        raise UserError(Problem("P232", what, str(root)))
    path = root / _FOLDER / environment / (f"{endpoint}~{record}.json" if record else f"{endpoint}.json")
    with on_disk(root), exclusive(root):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(path, msgspec.json.encode(dict(sorted(digests.items()))).decode() + "\n")


def needed(root: Path) -> dict[str, tuple[str, ...]]:
    """By digest, for what: `live in prod`. UserError P296 for a file that cannot be read: then nobody may make room."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((root / _FOLDER).glob("*/*.json")):
        try:
            said = _READ.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            hint = "`trimtab status` in the project that releases there shows what runs; a release writes the file anew"
            raise UserError(
                Problem("P296", f"what an environment needs cannot be read: {error}", str(path), hint)
            ) from None
        for digest, use in said.items():
            word, others = f"{use} in {path.parent.name}", found.get(digest, ())
            found[digest] = others if word in others else (*others, word)
    return found

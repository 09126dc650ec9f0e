"""What recorded answers meant: the outputs of the bundles that gave them, where those are in the store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from trimtab.bundle.manifest import signature_of
from trimtab.bundle.read import read_manifest
from trimtab.bundle.store import Store
from trimtab.core.errors import TrimtabError
from trimtab.core.signature import Field, Signature

__all__ = ["Past", "meanings", "past_in"]

# of a revision's digest; None for one that is not known here
Past: TypeAlias = Callable[[str], Signature | None]
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def past_in(store: Store) -> Past:
    """Looks revisions up in a store, by their manifests alone: nothing of them is run."""

    def find(revision: str) -> Signature | None:
        if not _DIGEST.fullmatch(revision) or not store.folder(revision).is_dir():
            return None
        try:
            manifest, digest = read_manifest(store.folder(revision))
        except TrimtabError:
            return None
        return signature_of(manifest) if digest == revision else None

    return find


def meanings(revisions: Iterable[str], past: Past) -> Mapping[str, Field]:
    """The outputs that all revisions have with the same classes, by name; none where one of them is not known."""
    found: dict[str, set[Field]] = {}
    signatures = [past(revision) for revision in dict.fromkeys(revisions)]
    for signature in signatures:
        for field in () if signature is None else signature.outputs:
            found.setdefault(field.name, set()).add(field)
    if None in signatures:
        return {}
    return {
        name: next(iter(fields)) for name, fields in found.items() if len({field.categories for field in fields}) == 1
    }

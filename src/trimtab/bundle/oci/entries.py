"""What the two small files of an OCI image layout say: `oci-layout` and `index.json`, in a folder and in an archive."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from trimtab.bundle.oci.spec import INDEX, Descriptor, Index, document
from trimtab.core.errors import Problem, UserError

__all__ = ["INDEX_FILE", "LAYOUT", "LAYOUT_FILE", "REF_NAME", "check_keys", "check_layout", "entry_called", "index_of"]

LAYOUT_FILE: Final = "oci-layout"
INDEX_FILE: Final = "index.json"
LAYOUT: Final = b'{"imageLayoutVersion":"1.0.0"}\n'
REF_NAME: Final = "org.opencontainers.image.ref.name"
_INDEX_KEYS: Final = {"schemaVersion", "mediaType", "manifests"}
_ENTRY_KEYS: Final = {"mediaType", "digest", "size", "artifactType", "annotations", "platform"}


def index_of(entries: tuple[Descriptor, ...]) -> bytes:
    """The bytes of an `index.json` with these entries."""
    return document(Index(schema_version=2, media_type=INDEX, manifests=entries))


def check_layout(data: bytes, where: str) -> None:
    """UserError P210 where this is not what `oci-layout` says in the only version that there is."""
    try:
        said: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    if said != {"imageLayoutVersion": "1.0.0"}:
        raise UserError(Problem("P210", f"`{LAYOUT_FILE}` is not that of an OCI layout 1.0.0", where))


def check_keys(data: bytes, where: str) -> None:
    """UserError P210 naming what an `index.json` says and nobody would read; the bytes are those of an index.

    No digest covers this one file: what is said in it is used, or refused.
    """
    try:
        said: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # in a part that an index skips
        raise UserError(Problem("P210", f"no OCI index: {error}", f"{where} {INDEX_FILE}")) from None
    odd = [
        *(said.keys() - _INDEX_KEYS),
        *(key for one in said.get("manifests", ()) for key in one.keys() - _ENTRY_KEYS),
    ]
    if odd:
        names = ", ".join(f"{key[:100]!r}" for key in sorted(set(odd))[:10])
        raise UserError(Problem("P210", f"unknown keys in `{INDEX_FILE}`: {names}", where))


def entry_called(index: Index, reference: str, where: str) -> Descriptor:
    """The one entry that a tag or digest names, an empty one the only entry there is; UserError P211 for none."""
    found = [
        one for one in index.manifests
        if reference in ("", one.digest) or one.annotations.get(REF_NAME) == reference
    ]  # fmt: skip
    if len({one.digest for one in found}) != 1:
        names = sorted({one.annotations.get(REF_NAME, one.digest)[:100] for one in index.manifests})[:10]
        what = f"{'several entries' if found else 'nothing'} called {reference[:100]!r}"
        raise UserError(Problem("P211", what, where, f"it has {', '.join(map(repr, names)) or 'nothing'}"))
    return found[0]

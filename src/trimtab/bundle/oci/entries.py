"""What the two small files of an OCI image layout say: `oci-layout` and `index.json`, in a folder and in an archive."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from trimtab.bundle.oci.spec import INDEX, Descriptor, Index, document
from trimtab.core.errors import Problem, UserError

__all__ = ["INDEX_FILE", "LAYOUT", "LAYOUT_FILE", "REF_NAME", "check_index", "check_layout", "entry_called", "index_of"]

LAYOUT_FILE: Final = "oci-layout"
INDEX_FILE: Final = "index.json"
LAYOUT: Final = b'{"imageLayoutVersion":"1.0.0"}\n'
REF_NAME: Final = "org.opencontainers.image.ref.name"


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


class _Entry(Descriptor, frozen=True, forbid_unknown_fields=True):
    """Nothing else may be said of it."""


class _Index(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    schema_version: Literal[2]
    media_type: Literal["", "application/vnd.oci.image.index.v1+json"] = ""
    manifests: tuple[_Entry, ...] = ()


_STRICT: Final = msgspec.json.Decoder(_Index)


def check_index(data: bytes, where: str) -> None:
    """UserError P210 naming what an `index.json` says and nobody would read.

    No digest covers this one file: what is said in it is used, or refused.
    """
    try:
        _STRICT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(Problem("P210", f"no `{INDEX_FILE}` of a layout: {error}", f"{where} {INDEX_FILE}")) from None


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

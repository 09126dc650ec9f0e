"""Writes `sbom.cdx.json` into a complete bundle folder, and reads it again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.files import digest_file
from trimtab.bundle.lock.text import parse_lock
from trimtab.bundle.manifest import encode
from trimtab.bundle.read import MANIFEST, Bundle, read_manifest
from trimtab.bundle.sbom.compose import bom_of
from trimtab.bundle.sbom.document import Bom, encode_bom
from trimtab.bundle.sbom.licences import Licences, installed_licence
from trimtab.core.errors import Problem, UserError

__all__ = ["SBOM", "read_sbom", "write_sbom"]

SBOM: Final = "sbom.cdx.json"
_LARGEST: Final = 64 * 2**20  # bytes of one that is read
_LOCKS: Final[tuple[str, ...]] = ("requirements.txt", "requirements-compiled.txt")


def write_sbom(stage: Path, licence_of: Licences = installed_licence) -> None:
    """Write the list of the parts of the folder's bundle, and put it into the manifest."""
    manifest, _ = read_manifest(stage)
    locks = {name: parse_lock((stage / name).read_text("utf-8")) for name in _LOCKS if name in manifest.files}
    (stage / SBOM).write_bytes(encode_bom(bom_of(manifest, locks, licence_of)))
    files = dict(sorted((manifest.files | {SBOM: digest_file(stage / SBOM)}).items()))
    (stage / MANIFEST).write_bytes(encode(msgspec.structs.replace(manifest, files=files)))


def read_sbom(bundle: Bundle) -> Bom | None:
    """The list of parts of a verified bundle; None for one that was packaged without.

    Raises UserError (P252) for a file that is no such list, as another tool may have written it.
    """
    entry = bundle.manifest.files.get(SBOM)
    if entry is None:
        return None
    try:
        if entry.size > _LARGEST:
            raise ValueError(f"it has {entry.size} bytes, at most {_LARGEST} are read")  # noqa: TRY301 - one word for all
        return msgspec.json.decode((bundle.folder / SBOM).read_bytes(), type=Bom)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        what = f"`{SBOM}` cannot be read: {error}"
        raise UserError(Problem("P252", what, str(bundle.folder / SBOM), "package the model again")) from None

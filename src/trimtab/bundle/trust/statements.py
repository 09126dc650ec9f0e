"""What is signed of a bundle: that these are all its files (OpenSSF model signing), and how it was made (SLSA).

Of an image it is how it was made. All are made of manifests alone, so they are the same each time: no clock, no place.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from trimtab import __version__
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.read import MANIFEST, Bundle
from trimtab.bundle.trust.envelope import STATEMENT, Statement

__all__ = ["IMAGE", "PACKAGED", "PROVENANCE", "WHOLE", "provenance_of", "provenance_of_image", "whole", "whole_fault"]

WHOLE: Final = "https://model_signing/signature/v1.0"
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
PACKAGED: Final = "urn:trimtab:package:v1"  # the build type
IMAGE: Final = "urn:trimtab:image:v1"
_SHOWN: Final = 100


class _How(msgspec.Struct, frozen=True):
    method: str
    hash_type: str


class _Resource(msgspec.Struct, frozen=True):
    name: str
    algorithm: str
    digest: str


class _Whole(msgspec.Struct, frozen=True):
    serialization: _How
    resources: tuple[_Resource, ...]


def whole(bundle: Bundle) -> dict[str, Any]:
    """The statement that names every file of the bundle by its SHA-256, `bundle.json` among them."""
    files = sorted(_digests(bundle).items(), key=lambda item: item[0].split("/"))
    together = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in files)).hexdigest()
    return {
        "_type": STATEMENT,
        "subject": [{"name": bundle.name, "digest": {"sha256": together}}],
        "predicateType": WHOLE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
            "resources": [{"name": name, "algorithm": "sha256", "digest": digest} for name, digest in files],
        },
    }


def whole_fault(statement: Statement, bundle: Bundle) -> str:
    """Why the statement does not speak of this bundle, all of it and nothing else; empty when it does."""
    try:
        said = msgspec.json.decode(statement.predicate, type=_Whole)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"it cannot be read: {error}"
    if (said.serialization.method, said.serialization.hash_type) != ("files", "sha256"):
        return "it does not name whole files by SHA-256"
    wanted, found = _digests(bundle), {one.name: one.digest for one in said.resources}
    if len(found) != len(said.resources) or any(one.algorithm != "sha256" for one in said.resources):
        return "it names a file twice, or by another algorithm"
    if found.get(MANIFEST) != wanted[MANIFEST]:
        other = found.get(MANIFEST, "")
        return f"it is about the bundle `sha256:{other[:_SHOWN]}`" if other else f"it does not cover `{MANIFEST}`"
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            return f"it does not cover `{name}`"
        if name not in wanted:
            return f"it names `{name[:_SHOWN]}`, which the bundle does not have"
        if found[name] != wanted[name]:
            return f"it has another digest for `{name}`"
    return ""


def provenance_of(bundle: Bundle) -> dict[str, Any]:
    """The statement of where the bundle came from: SLSA provenance 1, about the bundle's digest."""
    manifest = bundle.manifest
    source = manifest.source
    materials: list[dict[str, Any]] = [{"name": name, "digest": {"sha256": hex_}} for name, hex_ in source.data.items()]
    if source.commit:
        about = {"dirty": source.dirty}
        materials.insert(0, {"name": "source", "digest": {"gitCommit": source.commit}, "annotations": about})
    made: list[dict[str, Any]] = [{"name": "training metrics", "annotations": source.metrics}] if source.metrics else []
    if manifest.lock:
        made.append({"name": "requirements.txt", "digest": {"sha256": manifest.lock}})
    return {
        "_type": STATEMENT,
        "subject": [{"name": bundle.name, "digest": {"sha256": bundle.digest.removeprefix("sha256:")}}],
        "predicateType": PROVENANCE,
        "predicate": {
            "buildDefinition": {
                "buildType": PACKAGED,
                "externalParameters": {"name": bundle.name, "flavour": manifest.flavour, "prepare": manifest.prepare},
                "internalParameters": {"python": manifest.python, "format": manifest.format},
                "resolvedDependencies": materials,
            },
            "runDetails": {
                "builder": {"id": "urn:trimtab", "version": {"trimtab": __version__}},
                "byproducts": made,
            },
        },
    }


def provenance_of_image(bundle: Bundle, digest: str, base: str) -> dict[str, Any]:
    """The statement of what an image was made of: SLSA provenance 1, about the digest of its manifest."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": bundle.name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": PROVENANCE,
        "predicate": {
            "buildDefinition": {
                "buildType": IMAGE,
                "externalParameters": {"bundle": bundle.digest, "base": base},
                "resolvedDependencies": [
                    {"name": "bundle", "digest": {"sha256": bundle.digest.removeprefix("sha256:")}},
                    {"name": "base", "digest": {"sha256": base.removeprefix("sha256:")}},
                ],
            },
            "runDetails": {"builder": {"id": "urn:trimtab", "version": {"trimtab": __version__}}},
        },
    }


def _digests(bundle: Bundle) -> dict[str, str]:
    files: dict[str, FileEntry] = bundle.manifest.files
    return {name: entry.sha256 for name, entry in files.items()} | {MANIFEST: bundle.digest.removeprefix("sha256:")}

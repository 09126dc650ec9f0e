"""What an OCI manifest and index say, and the canonical bytes that we write them in.

Sources: OCI image specification 1.1 (descriptor, manifest, index, layout) and distribution specification 1.1.
Others may write the same in any JSON: what is read keeps its own bytes, by which it is named.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from trimtab.bundle.manifest import canonical
from trimtab.core.errors import Problem, UserError

__all__ = [
    "BUNDLE", "BUNDLE_CONFIG", "CONFIG", "DIGEST", "EMPTY", "GZIP_LAYER", "INDEX", "LARGEST_DOCUMENT", "MANIFEST",
    "TITLE", "Descriptor", "Index", "Manifest", "Platform", "decode_index", "decode_manifest", "described",
    "document",
]  # fmt: skip

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
LARGEST_DOCUMENT: Final = 4 * 2**20  # bytes of a manifest; what registries take
_LARGEST_SIZE: Final = 2**63 - 1
_SHOWN: Final = 20  # faults; a document of four million bytes may have a great many
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
GZIP_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
EMPTY: Final = "application/vnd.oci.empty.v1+json"
BUNDLE: Final = "application/vnd.trimtab.bundle.v1"  # the artifact type; its config is `bundle.json`, byte for byte
BUNDLE_CONFIG: Final = "application/vnd.trimtab.bundle.config.v1+json"
TITLE: Final = "org.opencontainers.image.title"  # of a layer: the name of the file that it is


class Platform(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an image runs: `linux` and `amd64` or `arm64`."""

    architecture: str
    os: str
    variant: str = ""


class Descriptor(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A blob or document by its media type, digest and size in bytes."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: dict[str, str] = {}
    platform: Platform | None = None


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An image or an artifact: a config, layers, and what it is about (`subject`), if it is about another."""

    schema_version: int
    media_type: str = ""
    artifact_type: str = ""
    config: Descriptor
    layers: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    annotations: dict[str, str] = {}


class Index(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """A list of manifests: an image for several platforms, or all that a layout holds."""

    schema_version: int
    media_type: str = ""
    artifact_type: str = ""
    manifests: tuple[Descriptor, ...] = ()
    annotations: dict[str, str] = {}


_MANIFESTS: Final = msgspec.json.Decoder(Manifest)
_INDEXES: Final = msgspec.json.Decoder(Index)


def document(value: Manifest | Index) -> bytes:
    """The canonical bytes of what we write ourselves."""
    # the specification wants the list also where it is empty
    return canonical({"manifests" if isinstance(value, Index) else "layers": [], **msgspec.to_builtins(value)})


def described(data: bytes, media_type: str, *, artifact_type: str = "") -> Descriptor:
    """The descriptor of these bytes."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Descriptor(media_type, digest, len(data), artifact_type)


def decode_manifest(data: bytes, where: str) -> Manifest:
    """The manifest of the bytes; UserError P210 naming `where` and all that is wrong with it."""
    try:
        found = _MANIFESTS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(f"no OCI manifest: {error}", where) from None
    _check((found.config, *found.layers, *((found.subject,) if found.subject else ())), found.schema_version, where)
    return found


def decode_index(data: bytes, where: str) -> Index:
    """The index of the bytes; UserError P210 naming `where` and all that is wrong with it."""
    try:
        found = _INDEXES.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(f"no OCI index: {error}", where) from None
    _check(found.manifests, found.schema_version, where)
    return found


def _check(descriptors: tuple[Descriptor, ...], version: int, where: str) -> None:
    faults = [] if version == 2 else [f"schema version {version}, only 2 is known"]  # noqa: PLR2004 - the only one
    for one in descriptors:
        if not DIGEST.fullmatch(one.digest):
            faults.append(f"{one.digest[:100]!r} is no SHA-256 digest")
        if not 0 <= one.size <= _LARGEST_SIZE:
            faults.append(f"{one.digest[:100]!r} has a size that no file has")
    if faults:
        raise UserError(*(Problem("P210", fault, where) for fault in list(dict.fromkeys(faults))[:_SHOWN]))


def _refused(what: str, where: str) -> UserError:
    return UserError(Problem("P210", what, where))

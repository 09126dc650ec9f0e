"""A bundle and what is said of it into a registry: only what it lacks, under names that are never moved."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import copy, read_document
from trimtab.bundle.oci.pulling import default_tag
from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.spec import Descriptor
from trimtab.bundle.read import Bundle

__all__ = ["Pushed", "push"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """Where a bundle is now: its manifest and its tags; bytes and blobs that travelled, blobs that were there."""

    root: Descriptor
    tags: tuple[str, ...]
    evidence: int
    sent: int
    blobs: int
    spared: int


def push(registry: Registry, bundle: Bundle, evidence: tuple[Evidence, ...], tag: str = "") -> Pushed:
    """Send what is missing; UserError P239 for a tag that names something else, and then nothing is sent.

    The tag of the bundle's own digits is always given, so that it is found by its digest, too.
    """
    source = BundleSource(bundle, evidence)
    tags = tuple(dict.fromkeys((default_tag(bundle.digest), *([tag] if tag else []))))
    for one in tags:
        registry.must_be_free(one, source.root.digest)
    told: dict[str, bool] = {}

    def tell(blob: Descriptor, travelled: bool) -> None:  # noqa: FBT001 - the form that `copy` calls
        told[blob.digest] = told.get(blob.digest, False) or travelled

    copy(source, source.root, registry, tags[0], tell)
    for one in tags[1:]:
        registry.tag(source.root, read_document(source, source.root), one)
    for document in source.referrers:
        copy(source, document, registry, tell=tell)
    sent = sum(registry.travelled.values())
    blobs = sum(1 for size in registry.travelled.values() if size)
    return Pushed(source.root, tags, len(source.referrers), sent, blobs, len(told) - blobs)

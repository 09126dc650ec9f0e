"""What a layout or an archive holds: one bundle, what is said of it, perhaps an image; all is named, all is whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from trimtab.bundle import manifest as manifests
from trimtab.bundle.evidence import LARGEST, Evidence
from trimtab.bundle.oci.blobs import Source, everything, read_document, verified
from trimtab.bundle.oci.entries import REF_NAME, check_index
from trimtab.bundle.oci.spec import BUNDLE, MANIFEST, Descriptor, Index, decode_manifest
from trimtab.core.errors import Problem, UserError

__all__ = ["MOST_EVIDENCE", "Contents", "Image", "Shelf", "contents_of", "evidence_from", "evidence_in"]

MOST_EVIDENCE: Final = 256  # documents about one bundle
_MOST_ENTRIES: Final = 2 * MOST_EVIDENCE
_LARGEST_EVIDENCE: Final = 64 * 2**20  # bytes of all of them


class Shelf(Source, Protocol):
    """A `Source` that can tell all that it has."""

    @property
    def where(self) -> str:
        """Its place, as messages name it."""

    def index_data(self) -> bytes:
        """The bytes of `index.json`."""

    def index(self) -> Index:
        """All that it names."""

    def held(self) -> frozenset[str]:
        """The digests of all blobs that are there."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is carried too, by its manifest or index, and the documents about it."""

    root: Descriptor
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The one bundle that is carried, by its artifact manifest, and the documents about it."""

    root: Descriptor
    evidence: tuple[Evidence, ...]
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of `index.json` with what its manifest says of itself: its kind, and what it is about."""

    entry: Descriptor
    kind: str
    subject: str
    config: Descriptor


def contents_of(shelf: Shelf) -> Contents:
    """The bundle and its evidence; the bundle's files are yet to be verified, by `unpack`, and all else has been.

    UserError P211 for no bundle or several, P210, P212 and P213 for what is damaged, missing, added or says too much.
    """
    data, index = shelf.index_data(), shelf.index()
    check_index(data, shelf.where)
    if len(index.manifests) > _MOST_ENTRIES:
        raise UserError(Problem("P213", f"`index.json` has more than {_MOST_ENTRIES} entries", shelf.where))
    entries = [_entry(shelf, one) for one in index.manifests if one.media_type == MANIFEST]
    bundles = {one.entry.digest: one for one in entries if one.kind == BUNDLE}
    if len(bundles) != 1:
        none = "holds no bundle: `index.json` names none"
        what = f"holds several bundles: {', '.join(list(bundles)[:10])}" if bundles else none
        raise UserError(Problem("P211", what, shelf.where, "" if bundles else "it is made by `trimtab save`"))
    ((digest, bundle),) = bundles.items()
    _check_held(shelf, index.manifests, digest)
    _check_labels(
        [one for one in entries if digest in (one.entry.digest, one.subject)], _name(shelf, bundle), shelf.where
    )
    others = {one.digest: one for one in index.manifests} | {one.entry.digest: None for one in entries if one.subject}
    images = tuple(Image(one, evidence_in(shelf, one)) for one in others.values() if one and one.digest != digest)
    return Contents(bundle.entry, evidence_in(shelf, bundle.entry), images)


def evidence_in(shelf: Shelf, root: Descriptor) -> tuple[Evidence, ...]:
    """The documents about the bundle of that artifact manifest, verified as bytes; UserError P212 for too many."""
    entries = {one.digest: one for one in shelf.index().manifests if one.media_type == MANIFEST}.values()
    return evidence_from(shelf, (one for one in entries if _entry(shelf, one).subject == root.digest), root)


def evidence_from(source: Source, referrers: Iterable[Descriptor], root: Descriptor) -> tuple[Evidence, ...]:
    """The documents of these manifests, each of which must be about that one; UserError P210 and P212."""
    found: list[Evidence] = []
    size = 0
    for one in referrers:
        manifest = decode_manifest(read_document(source, one), one.digest)
        about = manifest.subject.digest if manifest.subject else ""
        if about != root.digest or len(manifest.layers) != 1 or not manifest.artifact_type:
            raise UserError(Problem("P210", f"is no document about {root.digest}", one.digest))
        layer = manifest.layers[0]
        size += layer.size
        if len(found) == MOST_EVIDENCE or layer.size > LARGEST or size > _LARGEST_EVIDENCE:
            what = f"more than {MOST_EVIDENCE} documents about a bundle, or of more than {LARGEST} bytes"
            raise UserError(Problem("P212", what, one.digest))
        found.append(Evidence(manifest.artifact_type, b"".join(verified(layer, source.read(layer)))))
    return tuple(found)


def _entry(source: Source, one: Descriptor) -> _Entry:
    manifest = decode_manifest(read_document(source, one), one.digest)
    return _Entry(one, manifest.artifact_type, manifest.subject.digest if manifest.subject else "", manifest.config)


def _name(source: Source, bundle: _Entry) -> str:
    return manifests.decode(read_document(source, bundle.config)).name


def _check_held(shelf: Shelf, entries: Iterable[Descriptor], bundle: str) -> None:
    """All that is named is there, and nothing else; what is not of the bundle is verified here, as nobody else will."""
    named: set[str] = set()
    for entry in entries:
        for one, data in everything(shelf, entry):
            if data is None and entry.digest != bundle and one.digest not in named:
                for _ in verified(one, shelf.read(one)):
                    pass
            named.add(one.digest)
    held = shelf.held()
    missing = [f"{digest} is named and not there" for digest in sorted(named - held)]
    extra = [f"{digest} is there and named by nothing" for digest in sorted(held - named)]
    if missing or extra:
        raise UserError(*(Problem("P213", what, shelf.where) for what in [*missing, *extra][:20]))


def _check_labels(entries: Iterable[_Entry], name: str, where: str) -> None:
    """What `index.json` says of the bundle and of its evidence is what they say themselves."""
    for one in entries:
        label = {REF_NAME: name} if one.kind == BUNDLE else {}
        said = one.entry
        if said.artifact_type not in ("", one.kind) or said.annotations not in ({}, label) or said.platform:
            what = "the entry in `index.json` says of it what is not so"
            hint = f"its name can only be `{name}`, the bundle's own" if label else ""
            raise UserError(Problem("P213", what, f"{where} {said.digest}", hint))

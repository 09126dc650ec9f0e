"""A bundle and its evidence as OCI content, and back: the config is `bundle.json`, each file is a layer with its name.

Nothing is copied to say so, and nothing is said that the bundle does not say: one bundle has one manifest digest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from trimtab.bundle import manifest as manifests
from trimtab.bundle.contents import name_problems
from trimtab.bundle.evidence import Evidence
from trimtab.bundle.landing import Landing
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.oci.blobs import Source, file_pieces, read_document, verified
from trimtab.bundle.oci.spec import (
    BUNDLE,
    BUNDLE_CONFIG,
    EMPTY,
    MANIFEST,
    TITLE,
    Descriptor,
    Manifest,
    decode_manifest,
    described,
    document,
)
from trimtab.bundle.read import MANIFEST as BUNDLE_FILE
from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, TrimtabError, UserError

__all__ = ["BundleSource", "Documents", "Limits", "bundle_manifest", "referrer", "unpack"]

LAYER: Final = "application/octet-stream"
_NOTHING: Final = b"{}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one bundle may be: files, bytes of all of them, and bytes in files whose content another file has.

    A content that many files have is carried once; without a limit a small archive could fill a disk.
    """

    files: int = 10_000
    size: int = 64 * 2**30
    repeated: int = 256 * 2**20
    times: int = 4  # so many times all that is not repeated may be there in any case


def bundle_manifest(bundle: Bundle) -> bytes:
    """The artifact manifest of a bundle, canonical: one layer a file, in the order of their names."""
    config = described(manifests.encode(bundle.manifest), BUNDLE_CONFIG)
    layers = tuple(_layer(name, file) for name, file in sorted(bundle.manifest.files.items()))
    return document(Manifest(schema_version=2, media_type=MANIFEST, artifact_type=BUNDLE, config=config, layers=layers))


def _layer(name: str, file: FileEntry) -> Descriptor:
    return Descriptor(LAYER, f"sha256:{file.sha256}", file.size, annotations={TITLE: name})


def referrer(evidence: Evidence, subject: Descriptor) -> bytes:
    """The manifest of a document about a bundle; subject: the bundle's artifact manifest."""
    return document(
        Manifest(
            schema_version=2,
            media_type=MANIFEST,
            artifact_type=evidence.media_type,
            config=described(_NOTHING, EMPTY),
            layers=(described(evidence.data, evidence.media_type),),
            subject=Descriptor(subject.media_type, subject.digest, subject.size),
        )
    )


class Documents:
    """A `Source` of documents about something; referrers: the manifest of each, in their order."""

    def __init__(self, evidence: tuple[Evidence, ...], subject: Descriptor) -> None:
        """subject: the manifest that they are about."""
        self._memory: dict[str, bytes] = {}
        self.referrers = tuple(_kept(self._memory, one, subject) for one in evidence)

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`, by digest."""
        for one in self.referrers:
            if reference == one.digest:
                return one
        raise UserError(Problem("P211", f"nothing called {reference[:100]!r}"))

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        if descriptor.digest not in self._memory:
            raise UserError(Problem("P211", f"has no {descriptor.digest}"))
        yield self._memory[descriptor.digest]


class BundleSource:
    """A `Source` over a verified bundle's folder and documents about it.

    root: the artifact manifest; referrers: the manifest of each document, in their order.
    """

    def __init__(self, bundle: Bundle, evidence: tuple[Evidence, ...] = ()) -> None:
        """Reads no file of the bundle yet."""
        self._folder = bundle.folder
        self._files = {f"sha256:{file.sha256}": name for name, file in bundle.manifest.files.items()}
        self._memory: dict[str, bytes] = {}
        self.name = bundle.name
        self.root = _keep(self._memory, bundle_manifest(bundle), MANIFEST, BUNDLE)
        _keep(self._memory, manifests.encode(bundle.manifest), BUNDLE_CONFIG)
        self.referrers = tuple(_kept(self._memory, one, self.root) for one in evidence)

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`: the bundle's name or nothing is its artifact manifest, a digest that or a referrer's."""
        if reference in ("", self.name):
            return self.root
        for one in (self.root, *self.referrers):
            if reference == one.digest:
                return one
        raise UserError(Problem("P211", f"nothing called {reference[:100]!r}", str(self._folder)))

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        if descriptor.digest in self._memory:
            yield self._memory[descriptor.digest]
        elif descriptor.digest in self._files:
            yield from self._pieces(self._files[descriptor.digest])
        else:
            raise UserError(Problem("P211", f"has no {descriptor.digest}", str(self._folder)))

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            yield from file_pieces(self._folder / name)
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            raise UserError(Problem("P211", what, str(self._folder / name))) from None


def _kept(memory: dict[str, bytes], evidence: Evidence, subject: Descriptor) -> Descriptor:
    _keep(memory, _NOTHING, EMPTY)
    _keep(memory, evidence.data, evidence.media_type)
    return _keep(memory, referrer(evidence, subject), MANIFEST, evidence.media_type)


def _keep(memory: dict[str, bytes], data: bytes, media_type: str, artifact_type: str = "") -> Descriptor:
    found = described(data, media_type, artifact_type=artifact_type)
    memory[found.digest] = data
    return found


def unpack(source: Source, root: Descriptor, folder: Path, limits: Limits = Limits()) -> dict[str, FileEntry]:
    """Write the bundle of an artifact manifest into an empty folder, every blob verified on its way; what was written.

    UserError naming what is missing, extra, twice or swapped, before anything is written; OSError where the folder
    cannot be written. What raises leaves a folder that is to be thrown away.
    """
    data, layers = _agreed(source, root, limits)
    with Landing(folder) as landing:
        for name, blob in sorted(layers.items()):
            try:
                landing.write(name, verified(blob, source.read(blob)))
            except TrimtabError as error:
                problems = (replace(one, where=f"`{name}` {one.where}".rstrip()) for one in error.problems)
                raise type(error)(*problems) from None
        landing.write(BUNDLE_FILE, [data])
    return {name: FileEntry(blob.digest.removeprefix("sha256:"), blob.size) for name, blob in layers.items()}


def _agreed(source: Source, root: Descriptor, limits: Limits) -> tuple[bytes, dict[str, Descriptor]]:
    """The bytes of `bundle.json`, and the layer of each file that it names: both say the same."""
    artifact = decode_manifest(read_document(source, root), root.digest)
    kind, config = artifact.artifact_type or artifact.config.media_type, artifact.config
    if (kind, config.media_type) != (BUNDLE, BUNDLE_CONFIG):
        raise UserError(Problem("P215", f"is no bundle: its type is {kind[:100]!r}", root.digest))
    data = read_document(source, config)
    said = manifests.decode(data)
    size = sum(file.size for file in said.files.values())
    once = sum({file.sha256: file.size for file in said.files.values()}.values())
    if size - once > max(limits.repeated, (limits.times - 1) * once):
        what = f"the bundle has {once} bytes of content, which its files repeat until they are {size}"
        raise UserError(Problem("P215", what, config.digest))
    if len(said.files) > limits.files or size > limits.size:
        what = (
            f"the bundle has {len(said.files)} files of {size} bytes, at most {limits.files} of {limits.size} are taken"
        )
        raise UserError(Problem("P215", what, config.digest))
    problems = [*name_problems(said), *_differences(said.files, artifact.layers, root.digest)]
    if problems:
        raise UserError(*problems[:_SHOWN])
    return data, {layer.annotations[TITLE]: layer for layer in artifact.layers}


_SHOWN: Final = 50


def _differences(files: Mapping[str, FileEntry], layers: tuple[Descriptor, ...], where: str) -> Iterator[Problem]:
    """What the layers say otherwise than `bundle.json`."""

    def problem(name: str, what: str) -> Problem:
        return Problem("P215", f"{name[:200]!r} {what}", where)

    titles = Counter(layer.annotations.get(TITLE, "") for layer in layers)
    yield from (problem(name, "has no layer") for name in sorted(files.keys() - titles.keys()))
    yield from (problem(name, "is a layer twice") for name, count in sorted(titles.items()) if count > 1)
    by_digest = {f"sha256:{file.sha256}": name for name, file in files.items()}
    for layer in layers:
        name = layer.annotations.get(TITLE, "")
        if name not in files:
            yield problem(name, "is a layer that `bundle.json` does not name")
        elif layer.digest != f"sha256:{files[name].sha256}":
            other = by_digest.get(layer.digest)
            yield problem(name, f"has the content of {other!r}" if other else f"is {layer.digest} as a layer")
        elif layer.size != files[name].size:
            yield problem(name, f"has {layer.size} bytes as a layer, {files[name].size} in `bundle.json`")

"""From a manifest and its locks to the list of parts; pure, so the same inputs give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from trimtab.bundle.lock.text import Pin
from trimtab.bundle.manifest import Manifest
from trimtab.bundle.sbom.document import (
    Bom,
    Component,
    Dependency,
    ExternalReference,
    Metadata,
    Property,
    sha256,
)
from trimtab.bundle.sbom.licences import Licences

__all__ = ["REQUIRED_BY", "bom_of"]

# names a file of the bundle that lists the part; the smaller one is what serving needs where there is a compiled form
REQUIRED_BY: Final = "trimtab:required-by"
_RUN: Final = ("code", "compiled", "model")  # the folders of what is loaded


def bom_of(manifest: Manifest, locks: Mapping[str, Mapping[str, Pin]], licence_of: Licences) -> Bom:
    """The bundle as a component made of its files, the distributions it needs, and Python.

    locks: pins by canonical name, by the file of the bundle that holds them. Parts and their properties are sorted.
    """
    parts = [*_python(manifest), *_distributions(locks, licence_of)]
    bundle = _bundle(manifest)
    needs = Dependency(bundle.bom_ref, tuple(sorted(part.bom_ref for part in parts)))
    return Bom(Metadata(bundle), tuple(parts), (needs, *(Dependency(ref) for ref in needs.depends_on)))


def _bundle(manifest: Manifest) -> Component:
    source = manifest.source
    facts = {"trimtab:flavour": manifest.flavour}
    if source.commit:
        facts |= {"trimtab:source:commit": source.commit, "trimtab:source:dirty": str(source.dirty).lower()}
    files = tuple(
        Component("file", name, f"file:{name}", hashes=(sha256(entry.sha256),))
        for name, entry in sorted(manifest.files.items())
        if name.partition("/")[0] in _RUN
    )
    properties = tuple(Property(*fact) for fact in sorted(facts.items()))
    return Component("machine-learning-model", manifest.name, "bundle", properties=properties, components=files)


def _python(manifest: Manifest) -> Iterator[Component]:
    if manifest.python:
        purl = f"pkg:generic/python@{manifest.python}"
        yield Component("platform", "python", purl, manifest.python, purl)


def _distributions(locks: Mapping[str, Mapping[str, Pin]], licence_of: Licences) -> Iterator[Component]:
    """Every pin once; one whose version differs between two locks is two parts."""
    found: dict[tuple[str, str], list[str]] = {}
    hashes: dict[tuple[str, str], set[str]] = {}
    for file, pins in sorted(locks.items()):
        for pin in pins.values():
            found.setdefault((pin.name, pin.version), []).append(file)
            hashes.setdefault((pin.name, pin.version), set()).update(pin.hashes)
    for (name, version), files in sorted(found.items()):
        purl = f"pkg:pypi/{name}@{version.replace('+', '%2B').replace('!', '%21')}"
        licence = licence_of(name, version)
        digests = tuple(sha256(digits) for digits in sorted(hashes[name, version]))
        yield Component(
            "library", name, purl, version, purl,
            licenses=(licence,) if licence else (),
            external_references=(ExternalReference("distribution", purl, digests),) if digests else (),
            properties=tuple(Property(REQUIRED_BY, file) for file in files),
        )  # fmt: skip

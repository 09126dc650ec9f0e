"""The part of CycloneDX 1.6 that a bundle's list of parts needs, as types; the names are those of its JSON schema.

A document says nothing of when, where and by what it was written: no serial number, no timestamp, no tools.
"""

from __future__ import annotations

from typing import Final

import msgspec

from trimtab.bundle.manifest import canonical

__all__ = [
    "Bom", "Component", "Dependency", "ExternalReference", "Hash", "LicenseChoice", "Metadata", "NamedLicense",
    "Property", "encode_bom", "sha256",
]  # fmt: skip

_DECLARED: Final = "declared"  # by who published the part, not found out by us


class Hash(msgspec.Struct, frozen=True):
    """A digest in hexadecimal digits."""

    alg: str
    content: str


class Property(msgspec.Struct, frozen=True):
    """Something that CycloneDX has no field for; ours begin with `trimtab:`."""

    name: str
    value: str


class NamedLicense(msgspec.Struct, frozen=True, omit_defaults=True):
    """A licence by the name that its publisher gives it, which is no SPDX identifier."""

    name: str
    acknowledgement: str = ""


class LicenseChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of two: an SPDX expression, or a name."""

    expression: str = ""
    acknowledgement: str = ""
    license: NamedLicense | None = None

    @classmethod
    def spdx(cls, expression: str) -> LicenseChoice:
        """A declared SPDX expression."""
        return cls(expression=expression, acknowledgement=_DECLARED)

    @classmethod
    def named(cls, name: str) -> LicenseChoice:
        """A declared name."""
        return cls(license=NamedLicense(name, _DECLARED))


class ExternalReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a part can be had; the hashes are those of its files, of which an installation takes one."""

    type: str
    url: str
    hashes: tuple[Hash, ...] = ()


class Component(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One part, and the parts that it is made of."""

    type: str
    name: str
    bom_ref: str = msgspec.field(name="bom-ref", default="")
    version: str = ""
    purl: str = ""
    hashes: tuple[Hash, ...] = ()
    licenses: tuple[LicenseChoice, ...] = ()
    external_references: tuple[ExternalReference, ...] = ()
    properties: tuple[Property, ...] = ()
    components: tuple[Component, ...] = ()


class Metadata(msgspec.Struct, frozen=True):
    """What the document is about."""

    component: Component


class Dependency(msgspec.Struct, frozen=True, rename="camel"):
    """What one part needs, by `bom-ref`."""

    ref: str
    depends_on: tuple[str, ...] = ()


class Bom(msgspec.Struct, frozen=True, rename="camel"):
    """A whole document."""

    metadata: Metadata
    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    bom_format: str = "CycloneDX"
    spec_version: str = "1.6"
    version: int = 1


def sha256(digits: str) -> Hash:
    """A SHA-256, with or without `sha256:` before it."""
    return Hash("SHA-256", digits.removeprefix("sha256:"))


def encode_bom(bom: Bom) -> bytes:
    """The document's one canonical form, as that of `bundle.json`."""
    return canonical(msgspec.to_builtins(bom))

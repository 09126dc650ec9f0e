"""The licence that a distribution declares in its metadata, where exactly that version is installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata
from typing import Final, Protocol, TypeAlias

from packaging.utils import canonicalize_name

from trimtab.bundle.sbom.document import LicenseChoice

__all__ = ["Licences", "declared", "installed_licence"]

# by canonical name and version; None where nothing clear is declared or another version is installed
Licences: TypeAlias = Callable[[str, str], LicenseChoice | None]
_EXPRESSION: Final = re.compile(r"[A-Za-z0-9.+() -]{1,400}")
_CLASSIFIER: Final = re.compile(r"License :: (?:OSI Approved :: )?(?P<name>[^:]{1,200})")


class _Headers(Protocol):
    """What `importlib.metadata` gives."""

    def get_all(self, name: str) -> list[str] | None:
        """Every value of a header."""


def declared(headers: _Headers) -> LicenseChoice | None:
    """The SPDX expression (core metadata 2.4), else the only licence among the classifiers, by its name.

    The free text of `License` is left alone: some wheels of one release hold another text than the others there.
    """
    expressions = headers.get_all("License-Expression") or []
    if len(expressions) == 1 and _EXPRESSION.fullmatch(expressions[0]):
        return LicenseChoice.spdx(expressions[0])
    found = [_CLASSIFIER.fullmatch(text) for text in headers.get_all("Classifier") or []]
    names = sorted({match["name"].strip() for match in found if match} - {"OSI Approved"})
    return LicenseChoice.named(names[0]) if len(names) == 1 else None


def installed_licence(name: str, version: str) -> LicenseChoice | None:
    """As the metadata of the running environment declare it."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    if canonicalize_name(found.metadata["Name"]) != name or found.version != version:
        return None
    return declared(found.metadata)

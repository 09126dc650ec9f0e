"""The evidence that a compiled form answers as the model does, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.bundle.compiled.trial import Of
from trimtab.bundle.engines.reading import Fault, decoded
from trimtab.bundle.manifest import canonical

__all__ = ["CERTIFICATE", "Certificate", "Refutation", "Worst", "read_certificate", "write_certificate"]

CERTIFICATE: Final = "compiled/certificate.json"


class Worst(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row whose answers were furthest apart: its inputs, and what both forms answered."""

    inputs: dict[str, Any]
    original: dict[str, Any]
    compiled: dict[str, Any]


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One comparison: rows tried (answered or refused by both), and the largest differences over them.

    of: the bundle as a whole, or its model alone with prepared rows. worst: None where not one bit differed.
    """

    of: Of
    rows: int
    refused: int
    absolute: float
    relative: float
    worst: Worst | None = None


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was compared, with which seed and tolerances: |compiled - original| <= atol + rtol * |original|."""

    found: tuple[Found, ...]
    rtol: float
    atol: float
    seed: int
    format: int = 1

    @property
    def rows(self) -> int:
        """Rows that went through the whole bundle."""
        return next(found.rows for found in self.found if found.of == "bundle")

    @property
    def absolute(self) -> float:
        """The largest difference of all comparisons."""
        return max(found.absolute for found in self.found)

    def __str__(self) -> str:
        """`100000 rows compared, largest difference 3e-7`; relative where the numbers themselves are huge."""
        if self.absolute > self.rtol:
            relative = max(found.relative for found in self.found)
            return f"{self.rows} rows compared, largest relative difference {_short(relative)}"
        return f"{self.rows} rows compared, largest difference {_short(self.absolute)}"


class Refutation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row that the compiled form answers otherwise, and how."""

    what: str
    inputs: dict[str, Any] = {}

    def __str__(self) -> str:
        """On one line, the row as JSON."""
        return f"{self.what}, for {msgspec.json.encode(self.inputs).decode()}" if self.inputs else self.what


def _short(number: float) -> str:
    return "0.0" if number == 0 else f"{number:.1g}".replace("e-0", "e-")


def write_certificate(certificate: Certificate, folder: Path) -> None:
    """Write it below the bundle's folder, in canonical form."""
    (folder / CERTIFICATE).write_bytes(canonical(msgspec.to_builtins(certificate)))


def read_certificate(folder: Path) -> Certificate | None:
    """The certificate of a bundle's folder; None where there is none, P289 where it is damaged."""
    path = folder / CERTIFICATE
    return decoded(path, Certificate, _faults) if path.is_file() else None


def _faults(certificate: Certificate) -> Iterator[Fault]:
    if not any(found.of == "bundle" for found in certificate.found):
        yield "found", "the bundle as a whole was not compared"

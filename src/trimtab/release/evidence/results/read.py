"""The file of another tool, as evidence of a kind: which format it has is seen from what is in it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from trimtab.core.attestations import Attestation, EvidenceKind
from trimtab.release.evidence.results.junit import junit
from trimtab.release.evidence.results.plain import of_json, of_xml
from trimtab.release.evidence.results.result import Result, ResultError
from trimtab.release.evidence.results.sarif import sarif
from trimtab.release.evidence.results.vex import vex

__all__ = ["KINDS", "found_in", "result_of"]

KINDS: Final[tuple[EvidenceKind, ...]] = ("scan", "tests", "model", "contract")  # what files of others can show
_SCANS: Final = ("SARIF", "CycloneDX")


def result_of(kind: EvidenceKind, data: bytes) -> Result:
    """What the file comes to. ResultError for a file of no format that is known, or of one that shows another kind."""
    found = _result(data)
    is_scan = found.format.startswith(_SCANS)
    if is_scan != (kind == "scan"):
        raise ResultError(f"{found.format} shows {'a `scan`' if is_scan else '`tests`'}, and no `{kind}`")
    return found


def found_in(kind: EvidenceKind, data: bytes, name: str, about: str, made: float, by: str) -> Attestation:
    """The evidence. name: of the file; about: digest of the bundle; made: seconds since 1970. ResultError."""
    found = result_of(kind, data)
    facts = {
        "format": found.format, "tools": list(found.tools), "file": name, "sha256": hashlib.sha256(data).hexdigest(),
        "found": list(found.found),
    }  # fmt: skip
    return Attestation(kind, about, found.verdict, made, by, measures=found.measures, facts=facts)


def _result(data: bytes) -> Result:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return junit(of_xml(data))
    plain: dict[str, Any] = of_json(data)
    if plain.get("bomFormat") == "CycloneDX":
        return vex(plain)
    if "runs" in plain and "version" in plain:
        return sarif(plain)
    raise ResultError("it is neither SARIF nor CycloneDX VEX nor JUnit XML")

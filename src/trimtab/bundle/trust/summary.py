"""What a bundle says of itself and what is said of it, as plain values.

JSON and the list of requirements are read, and nothing else: no model, no code, no framework.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from trimtab.bundle.compiled.certificate import CERTIFICATE, read_certificate
from trimtab.bundle.privacy.file import PRIVACY, read_privacy
from trimtab.bundle.read import Bundle
from trimtab.bundle.sbom.write import read_sbom
from trimtab.bundle.trust.formats import code_of
from trimtab.bundle.trust.origin import Record
from trimtab.bundle.trust.policy import Document
from trimtab.core.errors import UserError

__all__ = ["summary"]


def summary(bundle: Bundle, record: Record | None, documents: Sequence[Document]) -> dict[str, Any]:
    """All of it, by topic; JSON-ready. documents: as somebody's policy sees them, or as they say themselves."""
    manifest = bundle.manifest
    files = {name: entry.size for name, entry in sorted(manifest.files.items())}
    golden = manifest.golden
    return {
        "name": bundle.name,
        "digest": bundle.digest,
        "flavour": manifest.flavour,
        "prepare": manifest.prepare,
        "python": manifest.python,
        "inputs": manifest.signature["inputs"],
        "outputs": manifest.signature["outputs"],
        "files": files,
        "bytes": sum(files.values()),
        "code": list(code_of(bundle)),
        "source": {"commit": manifest.source.commit, "dirty": manifest.source.dirty},
        "data": manifest.source.data,
        "metrics": manifest.source.metrics,
        "lock": {"sha256": manifest.lock, "requirements": _pins(bundle)} if manifest.lock else None,
        "sbom": _sbom(bundle),
        "compiled": _compiled(bundle),
        "golden": msgspec.to_builtins(golden) if golden else None,
        "privacy": _privacy(bundle),
        "origin": {"origin": record.origin, "signers": list(record.signers)} if record else None,
        "evidence": [_plain(document) for document in documents],
    }


def _plain(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "says": document.says,
        "document": document.name,
        "claims": document.claims,
        "signer": str(document.signer) if document.signer else None,
        "fault": document.fault,
    }


def _pins(bundle: Bundle) -> int:
    if "requirements.txt" not in bundle.manifest.files:
        return 0
    text = (bundle.folder / "requirements.txt").read_text("utf-8", errors="replace")
    return sum("==" in line and not line.startswith((" ", "#", "-")) for line in text.splitlines())


def _sbom(bundle: Bundle) -> dict[str, Any] | None:
    """Kinds of components and how many; None for a bundle without a list of parts."""
    try:
        found = read_sbom(bundle)
    except UserError as error:
        return {"fault": error.problems[0].what}
    if found is None:
        return None
    counts = Counter(one.type for one in found.components)
    return {"cyclonedx": found.spec_version, "components": dict(sorted(counts.items()))}


def _privacy(bundle: Bundle) -> dict[str, Any]:
    try:
        found = read_privacy(bundle.folder, bundle.signature, there=PRIVACY in bundle.manifest.files)
    except UserError as error:
        return {"fault": error.problems[0].what}
    return {"columns": {name: {"policy": one.policy, "reason": one.reason} for name, one in found.items()}}


def _compiled(bundle: Bundle) -> dict[str, Any] | None:
    plan = bundle.plan
    if plan is None:
        return None
    said: dict[str, Any] = {"form": str(plan)}
    certificate = read_certificate(bundle.folder) if CERTIFICATE in bundle.manifest.files else None
    if certificate is not None:
        said |= {"rows": certificate.rows, "certificate": str(certificate)}
    return said

"""`golden`: every digest is right, and the golden rows are answered as they were in training."""

from __future__ import annotations

from trimtab.bundle.check import check_bundle
from trimtab.core.attestations import Measure
from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """RefusedError where the bundle does not answer as recorded."""
    said: dict[str, str] = {}
    check_bundle(subject.bundle.folder, said.__setitem__)
    spec = subject.bundle.manifest.golden
    if spec is None or not spec.rows:
        raise CannotError("the bundle has no golden rows", "name a sample (`golden`) and package the model again")
    measures = (
        Measure("files", float(len(subject.bundle.manifest.files)), "PASS", says="verified by their digests"),
        Measure("rows", float(spec.rows), "PASS", count=spec.rows, says=said.get("golden", "")),
    )
    return Found(measures, dict(said))

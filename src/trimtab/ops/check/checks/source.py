"""`source`: what of source control the bundle was made of, and whether that is what is released."""

from __future__ import annotations

from trimtab.core.attestations import Measure
from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, CannotError, Subject

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """FAIL for a bundle of another commit than the one that is checked out, or of files that nobody committed."""
    packed, source = subject.bundle.manifest.source, subject.source
    if not packed.commit:
        raise CannotError("the bundle was packaged outside of a git repository", "`trimtab package` in a clone of it")
    clean = "uncommitted changes were packaged" if packed.dirty else ""
    measures = [Measure("clean", None, "FAIL" if packed.dirty else "PASS", says=clean)]
    facts: dict[str, object] = {"commit": packed.commit}
    if source is None or not source.commit:
        why = f"packaged from `{packed.commit[:12]}`; nothing says which commit is released"
        measures.append(Measure("commit", None, "UNKNOWN", says=why))
        return Found(tuple(measures), facts)
    same = source.commit == packed.commit
    says = f"`{packed.commit[:12]}`" if same else f"packaged from `{packed.commit[:12]}`, not `{source.commit[:12]}`"
    measures.append(Measure("commit", None, "PASS" if same else "FAIL", says=says))
    facts |= {"ref": source.ref, "author": source.author, "pull_request": source.pull_request}
    return Found(tuple(measures), facts)

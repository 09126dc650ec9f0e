"""`compatible`: what may be asked of the live revision may be asked of this one, and means the same."""

from __future__ import annotations

from trimtab.core.attestations import Measure
from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, CannotError, Subject
from trimtab.release.compatible.differences import Incompatible, diff, incompatibilities

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """FAIL with one measure a way in which callers would break; the diff is among the facts."""
    where = subject.environment
    if not subject.live_known:
        raise CannotError("it is not known what is live", "`--for ENV`, or `--live BUNDLE`")
    if subject.live is None:
        says = "nothing is live: nobody asks it anything yet"
        return Found((Measure("fields", 0.0, "PASS", 0.0, says=says),), environment=where)
    live = subject.live.signature
    found = incompatibilities(live, subject.bundle.signature)
    measures = tuple(Measure(f"{one.side} {one.field}", None, "FAIL", says=_words(one)) for one in found)
    if not measures:
        measures = (Measure("fields", 0.0, "PASS", 0.0, count=len(live.inputs) + len(live.outputs)),)
    return Found(measures, {"diff": list(diff(found))}, subject.live.digest, where)


def _words(one: Incompatible) -> str:
    sides = " -> ".join(text for text in (one.live, one.new) if text)
    return f"{one.how}, {sides}: {one.why}" if sides else f"{one.how}: {one.why}"

"""`tests`: the project's own, of its model and of its data preparation, run by pytest in a process of its own."""

from __future__ import annotations

from dataclasses import replace

from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, CannotError, Subject
from trimtab.release.evidence.results.read import result_of
from trimtab.release.evidence.results.result import ResultError

__all__ = ["check"]


def check(subject: Subject, bench: Bench) -> Found:
    """FAIL for each that fails; UNKNOWN where there is none, or all of them are skipped."""
    place = subject.wanted.tests
    if place is None:
        raise CannotError("no tests are named", '`[check] tests = "tests"`')
    if not place.exists():
        raise CannotError(f"there is no `{place.name}`", "`[check] tests` names a folder or a file")
    try:
        result = result_of("tests", bench.pytest(place, subject.folder, subject.wanted.timeout).encode())
    except ResultError as error:
        raise CannotError(f"the report of pytest cannot be read: {error}") from None
    says = {"failed": "; ".join(result.found), "run": "" if result.measures[1].value else "no test was run"}
    measures = tuple(replace(one, says=says.get(one.name, "")) for one in result.measures)
    return Found(measures, {"tools": list(result.tools), "found": list(result.found)})

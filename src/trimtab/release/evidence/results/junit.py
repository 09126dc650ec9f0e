"""JUnit XML, as pytest and most others write it: a `testsuites` or `testsuite` with test cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trimtab.core.attestations import Measure
from trimtab.release.evidence.results.result import Result, ResultError, count, shown, verdict_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # the type alone

__all__ = ["junit"]

_SAID: Final = {"tests": None, "failures": "failure", "errors": "error", "skipped": "skipped"}  # child of a case


def junit(root: Element) -> Result:
    """FAIL for a failure or an error; UNKNOWN where nothing was run. What a suite says of itself must be so."""
    if root.tag not in ("testsuites", "testsuite"):
        raise ResultError(f"it begins with `{root.tag[:40]}`, not with `testsuites` or `testsuite`")
    for suite in root.iter():
        if suite.tag in ("testsuites", "testsuite"):
            _must_add_up(suite)
    cases = list(root.iter("testcase"))
    failed = [one for one in cases if one.find("failure") is not None or one.find("error") is not None]
    skipped = [one for one in cases if one.find("skipped") is not None and one not in failed]
    run = len(cases) - len(skipped)
    measures = (
        count("failed", len(failed), "FAIL"),
        Measure("run", float(run), "PASS" if run else "UNKNOWN", 1.0, "", run),
        Measure("skipped", float(len(skipped)), "PASS", None, "", len(skipped)),
    )
    names = [f"{one.get('classname', '')} {one.get('name', '')}".strip() for one in failed]
    suites = [suite.get("name", "") for suite in root.iter("testsuite")]
    tools = tuple(dict.fromkeys(name for name in suites if name))
    return Result("JUnit XML", tools, verdict_of(measures), measures, shown(sorted(names)))


def _must_add_up(suite: Element) -> None:
    cases = list(suite.iter("testcase"))
    for name, child in _SAID.items():
        said = suite.get(name)
        if said is None:
            continue
        there = len(cases) if child is None else sum(one.find(child) is not None for one in cases)
        if not said.isdecimal() or int(said) != there:
            raise ResultError(f"`{suite.get('name', suite.tag)[:40]}` says {said[:20]} {name}, and {there} are in it")

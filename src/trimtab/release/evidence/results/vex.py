"""CycloneDX VEX 1.4 to 1.6: known vulnerabilities of the parts, and what somebody has found out of each."""

from __future__ import annotations

from typing import Any, Final

from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict
from trimtab.release.evidence.results.plain import rows_in, text_in
from trimtab.release.evidence.results.result import Result, ResultError, count, shown, verdict_of

__all__ = ["vex"]

_VERSIONS: Final = ("1.4", "1.5", "1.6")
_STATES: Final[dict[str, Verdict]] = {
    "resolved": "PASS", "resolved_with_pedigree": "PASS", "false_positive": "PASS", "not_affected": "PASS",
    "exploitable": "FAIL", "in_triage": "UNKNOWN", "": "UNKNOWN",
}  # fmt: skip


def vex(plain: dict[str, Any]) -> Result:
    """FAIL for one that can be exploited, UNKNOWN for one that nobody has looked into; PASS where there is none.

    A list of parts that says nothing of vulnerabilities is no VEX.
    """
    if plain.get("specVersion") not in _VERSIONS:
        raise ResultError(f"it is CycloneDX of another version than {', '.join(_VERSIONS)}")
    counts: dict[Verdict, int] = dict.fromkeys(("FAIL", "UNKNOWN", "PASS"), 0)
    texts = []
    for one in rows_in(plain, "vulnerabilities", "it"):
        name, state = text_in(one, "id"), text_in(one, "analysis", "state")
        if not name:
            raise ResultError("a vulnerability has no `id`")
        if state not in _STATES:
            raise ResultError(f"`{name[:40]}` is in the state `{state[:40]}`, which CycloneDX does not have")
        counts[_STATES[state]] += 1
        if _STATES[state] != "PASS":
            texts.append(f"{name} {state or 'without analysis'}")
    measures = (
        count("exploitable", counts["FAIL"], "FAIL"),
        count("not looked into", counts["UNKNOWN"], "UNKNOWN"),
        Measure("of no harm", float(counts["PASS"]), "PASS", count=counts["PASS"]),
    )
    tools = _tools(plain)
    return Result(f"CycloneDX {plain['specVersion']}", tools, verdict_of(measures), measures, shown(sorted(texts)))


def _tools(plain: dict[str, Any]) -> tuple[str, ...]:
    metadata = plain.get("metadata")
    tools = metadata.get("tools", []) if isinstance(metadata, dict) else []
    rows = tools.get("components", []) if isinstance(tools, dict) else tools
    found = (f"{text_in(one, 'name')} {text_in(one, 'version')}".strip() for one in rows if isinstance(one, dict))
    return tuple(one for one in found if one)

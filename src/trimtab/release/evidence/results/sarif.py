"""SARIF 2.1.0 (OASIS): what static analysers, scanners of secrets and of containers write."""

from __future__ import annotations

from typing import Any, Final

from trimtab.core.attestations import Measure
from trimtab.release.evidence.results.plain import rows_in, text_in
from trimtab.release.evidence.results.result import Result, ResultError, count, shown, verdict_of

__all__ = ["sarif"]

_VERSION: Final = "2.1.0"
_LEVELS: Final = ("error", "warning", "note", "none")
_FOUND: Final = ("fail", "open", "review")  # kinds of a result that is a finding; section 3.27.9
_KINDS: Final = (*_FOUND, "pass", "informational", "notApplicable")


def sarif(plain: dict[str, Any]) -> Result:
    """FAIL for an error, WARN for a warning; UNKNOWN where a tool did not end well, or nothing was run.

    What was suppressed, and the suppression accepted, is not counted.
    """
    if plain.get("version") != _VERSION:
        raise ResultError(f"it is SARIF of another version than {_VERSION}")
    runs = rows_in(plain, "runs", "it")
    levels = dict.fromkeys(_LEVELS, 0)
    tools, texts, unended = [], [], 0
    for run in runs:
        tools.append(f"{text_in(run, 'tool', 'driver', 'name')} {_release(run)}".strip())
        if not tools[-1]:
            raise ResultError("a run does not say which tool it was")
        unended += not _ended_well(run)
        rules = _rules(run)
        for one in rows_in(run, "results", "a run") if run.get("results") is not None else ():
            if not _is_found(one):
                continue
            level = _level(one, rules)
            levels[level] += 1
            if level in ("error", "warning"):
                texts.append(f"{level} {text_in(one, 'ruleId')}: {text_in(one, 'message', 'text')}")
    measures = [count("errors", levels["error"], "FAIL"), count("warnings", levels["warning"], "WARN")]
    if unended or not runs:
        measures.append(Measure("runs that ended well", float(len(runs) - unended), "UNKNOWN", count=len(runs)))
    return Result("SARIF 2.1.0", tuple(tools), verdict_of(measures), tuple(measures), shown(sorted(texts)))


def _release(run: dict[str, Any]) -> str:
    driver = ("tool", "driver")
    return text_in(run, *driver, "semanticVersion") or text_in(run, *driver, "version")


def _ended_well(run: dict[str, Any]) -> bool:
    """No results at all mean that the tool never got that far (section 3.14.23)."""
    calls = run.get("invocations", [])
    if not isinstance(calls, list):
        raise ResultError("a run has invocations that are no array")
    return run.get("results") is not None and all(
        isinstance(one, dict) and one.get("executionSuccessful") is True for one in calls
    )


def _rules(run: dict[str, Any]) -> dict[str, str]:
    """The level of each rule, where it has one of its own."""
    tool: Any = run.get("tool")
    rules = tool["driver"].get("rules", [])
    if not isinstance(rules, list):
        raise ResultError("a tool has rules that are no array")
    return {text_in(one, "id"): text_in(one, "defaultConfiguration", "level") for one in rules}


def _is_found(one: dict[str, Any]) -> bool:
    kind = one.get("kind", "fail")
    if kind not in _KINDS:
        raise ResultError(f"a result is of the kind `{str(kind)[:40]}`, which SARIF does not have")
    suppressions = one.get("suppressions") or []
    if not isinstance(suppressions, list):
        raise ResultError("a result has suppressions that are no array")
    suppressed = bool(suppressions) and all(
        isinstance(each, dict) and each.get("status", "accepted") == "accepted" for each in suppressions
    )
    return kind in _FOUND and not suppressed


def _level(one: dict[str, Any], rules: dict[str, str]) -> str:
    rule = text_in(one, "ruleId") or text_in(one, "rule", "id")
    level = one.get("level") or rules.get(rule) or "warning"
    if level not in _LEVELS:
        raise ResultError(f"a result has the level `{str(level)[:40]}`, which SARIF does not have")
    return str(level)

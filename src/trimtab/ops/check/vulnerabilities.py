"""Known vulnerabilities, as a scanner wrote them: OSV, CycloneDX, or SARIF; no network is asked here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trimtab.ops.check.subject import CannotError

__all__ = ["RANKS", "Known", "known_in", "read_known"]

_LARGEST: Final = 1 << 26
RANKS: Final = ("none", "low", "medium", "high", "critical")
_WORDS: Final = {"info": "none", "note": "low", "moderate": "medium", "warning": "medium", "error": "high"}
_SCORES: Final = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))  # CVSS 3.1, 5


@dataclass(frozen=True, slots=True)
class Known:
    """One of them. severity: one of RANKS, or empty where the file does not say, which counts as the worst."""

    id: str
    package: str
    severity: str
    aliases: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """The place among RANKS."""
        return RANKS.index(self.severity) if self.severity else len(RANKS) - 1


def read_known(path: Path) -> tuple[Known, ...]:
    """All that the file names; CannotError where it cannot be read or is of no form that is known."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST} bytes")  # noqa: TRY301  # one word for all
        return known_in(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CannotError(f"`{path.name}` cannot be read: {why}") from None


def known_in(plain: Any) -> tuple[Known, ...]:
    """Of a parsed document; ValueError for a form that is not known."""
    if isinstance(plain, dict) and plain.get("bomFormat") == "CycloneDX":
        return tuple(_cyclonedx(plain))
    if isinstance(plain, dict) and isinstance(plain.get("runs"), list):
        return tuple(_sarif(plain))
    if isinstance(plain, dict) and isinstance(plain.get("results"), list):
        return tuple(_osv_scan(plain))
    if isinstance(plain, list) or (isinstance(plain, dict) and "vulns" in plain):
        items = plain if isinstance(plain, list) else plain["vulns"]
        return tuple(_osv(one, "") for one in items)
    raise ValueError("it is neither OSV nor CycloneDX nor SARIF")


def _osv_scan(plain: dict[str, Any]) -> Iterator[Known]:
    for result in plain["results"]:
        for package in result.get("packages", ()):
            name = package.get("package", {}).get("name", "")
            yield from (_osv(one, name) for one in package.get("vulnerabilities", ()))


def _osv(one: dict[str, Any], package: str) -> Known:
    package = package or next((each["package"]["name"] for each in one.get("affected", ()) if "package" in each), "")
    word = str(one.get("database_specific", {}).get("severity", ""))
    return Known(str(one["id"]), package, _ranked(word), tuple(map(str, one.get("aliases", ()))))


def _cyclonedx(plain: dict[str, Any]) -> Iterator[Known]:
    names = {part.get("bom-ref"): part.get("name", "") for part in plain.get("components", ())}
    for one in plain.get("vulnerabilities", ()):
        if one.get("analysis", {}).get("state") in ("not_affected", "false_positive", "resolved"):
            continue
        refs = [affected.get("ref", "") for affected in one.get("affects", ())]
        found = [_ranked(str(rating.get("severity", ""))) for rating in one.get("ratings", ())]
        worst = max(found, key=lambda word: RANKS.index(word) if word else -1, default="")
        yield Known(str(one["id"]), next((names.get(ref, ref) for ref in refs), ""), worst)


def _sarif(plain: dict[str, Any]) -> Iterator[Known]:
    for run in plain["runs"]:
        driver = run.get("tool", {}).get("driver", {})
        rules = {rule["id"]: rule.get("properties", {}) for rule in driver.get("rules", ())}
        for result in run.get("results", ()):
            if result.get("suppressions"):
                continue
            rule = str(result["ruleId"])
            score = rules.get(rule, {}).get("security-severity")
            severity = _scored(float(score)) if score is not None else _ranked(str(result.get("level", "warning")))
            yield Known(rule, "", severity)


def _scored(score: float) -> str:
    return next((word for least, word in _SCORES if score >= least), "none")


def _ranked(word: str) -> str:
    word = word.lower()
    word = _WORDS.get(word, word)
    return word if word in RANKS else ""

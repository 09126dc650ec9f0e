"""`[check]` of trimtab.toml as frozen values: what a bundle is checked for before it is released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from trimtab.core.errors import did_you_mean
from trimtab.project.faults import Faults
from trimtab.project.parse import REFERENCE
from trimtab.project.wrong import Wrong

__all__ = ["METRICS", "CheckPart", "Direction", "Invariant", "SbomPart", "Severity", "check_check", "check_of"]

Direction: TypeAlias = Literal["up", "down"]
Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
METRICS: Final = ("auc", "accuracy", "logloss", "rmse", "mae")


@dataclass(frozen=True, slots=True)
class Invariant:
    """Inputs that the answer does not depend on. within: how far it may be off all the same."""

    name: str
    columns: tuple[str, ...]
    within: float = 0.0


@dataclass(frozen=True, slots=True)
class SbomPart:
    """Which parts a bundle may have. deny_licences: SPDX identifiers, with `*`."""

    deny_licences: tuple[str, ...] = ()
    deny_packages: tuple[str, ...] = ()
    require_hashes: bool = True
    unknown: Literal["allow", "warn", "deny"] = "warn"


@dataclass(frozen=True, slots=True)
class CheckPart:
    """What is checked; paths are absolute, empty texts and None where nothing is said.

    baseline: a number, or `module:function`; None for the best constant. metric: a name, or `module:function`.
    monotone: by input. seconds: of load. timeout: of the project's own tests, in seconds.
    """

    tests: Path | None = None
    timeout: float = 600.0
    held: Path | None = None
    truth: str = ""
    output: str = ""
    metric: str = ""
    baseline: float | str | None = None
    groups: tuple[str, ...] = ()
    weak: float = 0.1
    minimum: int = 50
    seconds: float = 5.0
    connections: int = 4
    severity: Severity = "high"
    accept: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    monotone: Mapping[str, Direction] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()
    sbom: SbomPart = field(default_factory=SbomPart)


def check_check(said: Mapping[str, Any], faults: Faults) -> None:
    """P105 and P107: an unknown metric, held rows without truth or metric, an invariant without columns."""
    metric = said.get("metric")
    if metric is not None and metric not in METRICS and not REFERENCE.fullmatch(metric):
        wrong = Wrong("P105", f"`{metric}` is no metric and no `module:function`", did_you_mean(metric, METRICS))
        faults.add(("check", "metric"), wrong)
    for key in ("truth", "metric"):
        if "held" in said and key not in said and not faults.has(("check", key)):
            example = {"truth": "churned", "metric": "auc"}[key]
            wrong = Wrong("P107", f"`held` without `{key}`: nothing can be held against it", f'`{key} = "{example}"`')
            faults.add(("check", "held"), wrong)
    for name, one in said.get("invariant", {}).items():
        at = ("check", "invariant", name)
        if not one.get("columns") and not faults.has((*at, "columns")):
            faults.add(at, Wrong("P107", f"invariant `{name}` names no columns", 'for example `columns = ["gender"]`'))


def check_of(plain: Mapping[str, Any], folder: Path) -> CheckPart:
    """The part of a file without faults; paths start from the folder."""
    said = dict(plain.get("check", {}))
    said |= {key: folder / said[key] for key in ("tests", "held") if key in said}
    invariants = tuple(Invariant(name, **one) for name, one in said.pop("invariant", {}).items())
    return CheckPart(**{**said, "sbom": SbomPart(**said.get("sbom", {}))}, invariants=invariants)

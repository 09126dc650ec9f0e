"""What trimtab.toml says of an environment, as frozen values: what is bound to it, what it asks for, where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from trimtab.core.attestations import EvidenceKind
from trimtab.core.deployment import Autoscale, Resources, Secret
from trimtab.release.flight.plan import Plan

__all__ = ["Environment", "Place", "Requirement"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Evidence that must be there. within_s: how old it may be. warn_only: said, and no reason to refuse."""

    kind: EvidenceKind
    within_s: float = inf
    warn_only: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A target: its kind, and what that kind wants to know, as plain values."""

    kind: str = "local"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """One of them.

    after: the environment that the same digest must be live in before; empty for the first. branch, tag: what of
    source control may be released here, as patterns (`main`, `v*`); both empty: anything. requires: evidence.
    approvals: how many different people of `approvers` (names of keys or subjects) must say yes, which holds for
    approvals_s. four_eyes: nobody's approval counts for what they release or vouch for themselves. flight: how it is
    flown in; None: all at once. The rest is what of a deployment may differ between environments; server: keys of
    `[server]`.
    """

    name: str
    after: str = ""
    branch: str = ""
    tag: str = ""
    requires: tuple[Requirement, ...] = ()
    approvals: int = 0
    approvers: tuple[str, ...] = ()
    approvals_s: float = inf
    four_eyes: bool = True
    target: Place = field(default_factory=Place)
    flight: Plan | None = None
    server: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""
    port: int = 0
    image: str = ""
    replicas: int = 1
    autoscale: Autoscale | None = None
    resources: Resources = field(default_factory=Resources)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()
    identity: str = ""
    public: bool = False
    telemetry: str = ""

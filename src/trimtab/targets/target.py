"""What a target is. `trimtab.testing.check_target` holds one against all of this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from trimtab.core.deployment import Deployment

__all__ = ["Means", "Rendered", "Revision", "State", "Status", "Target", "Tell"]

State: TypeAlias = Literal["starting", "ready", "failed", "stopped"]
Tell: TypeAlias = Callable[[str, str], None]  # topic and text, for whoever watches


@dataclass(frozen=True, slots=True)
class Rendered:
    """Files by their path, relative and with `/`, as they are given to the platform. A target may be pure text."""

    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """One bundle that runs. share: of requests that it answers, 0 to 1. why: it is not ready."""

    bundle: str
    state: State
    share: float = 1.0
    replicas: int = 1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What the platform itself says now; never what was once asked of it.

    live: what was last applied whole, None where nothing runs. differs: what runs otherwise than `live` says, for
    people, as after a change by hand. address: where the endpoint is reached. control: address of the control plane
    that flights are steered by, empty where the target has none.
    """

    live: Deployment | None = None
    revisions: tuple[Revision, ...] = ()
    differs: tuple[str, ...] = ()
    address: str = ""
    control: str = ""

    @property
    def ready(self) -> bool:
        """Whether whatever answers requests is ready."""
        asked = [one for one in self.revisions if one.share > 0]
        return bool(asked) and all(one.state == "ready" for one in asked)


@dataclass(frozen=True, slots=True)
class Means:
    """What a target works with.

    store: root of the store that has the bundles, whose policies let them run. folder: where a target keeps what it
    must, an own folder below it for each kind, environment and endpoint. root: where relative paths of a deployment's
    settings start; the current folder if not said.
    """

    store: Path
    folder: Path
    root: Path = Path()


class Target(Protocol):
    """One place where endpoints run, such as this machine or one namespace of a cluster."""

    @property
    def honours(self) -> frozenset[str]:
        """Names of fields of a Deployment that it can keep to, dotted: `replicas`, `server`, `resources.memory`."""

    def render(self, wanted: Deployment) -> Rendered:
        """Pure: the same deployment gives the same files. UserError P500 for each field that it cannot honour."""

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        """Brings the platform there, with no failed request, and returns when it answers so; may be said twice.

        Killed at any point, the next `apply` ends it. With a `challenger`, that is loaded beside what answers, and is
        asked nothing yet. What answers stays as it is where the new one does not come up: RefusedError P501.
        OutsideError P502 where the platform does not answer.
        """

    def status(self, name: str, environment: str) -> Status:
        """What runs; nothing, where there is no such endpoint. OutsideError P502."""

    def remove(self, name: str, environment: str) -> None:
        """Takes the endpoint away, when what was taken is answered; no fault where there is none. OutsideError P502."""

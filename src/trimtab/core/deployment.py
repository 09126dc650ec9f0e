"""What should run, in words that every target reads: a target that cannot keep to one of them refuses it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final

__all__ = ["Autoscale", "Change", "Deployment", "Resources", "Secret", "differences", "said_of"]


@dataclass(frozen=True, slots=True)
class Resources:
    """Of one replica. cpu: processors, memory: bytes; 0 where nothing is said."""

    cpu: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Autoscale:
    """Between how many replicas, and the share of `Resources.cpu` that is aimed at."""

    least: int
    most: int
    cpu: float = 0.7


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that a replica is given, by reference, never the secret itself.

    name: of the variable. source: `env:NAME`, `file:PATH`, or what the platform understands, as `keyvault:NAME`.
    """

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """An endpoint in an environment.

    bundle: digest of what answers. challenger: digest of a revision beside it that a flight may send requests to;
    empty for none. image: repository, or `repository@sha256:...`, where the target runs images. host, port: where
    it is reached; prefix: of its paths. replicas: copies; autoscale instead of them. concurrency: most requests at
    once in a replica; timeout_s: longest answer; 0 where nothing is said. server: the keys of `[server]` that hold
    here, as in the file (auth, journal, limits, engine). variables: plain ones of the environment. identity: whose
    rights a replica has on the platform. public: whether it is reached from everywhere. telemetry: where traces and
    metrics go, a URL. shadow: share of requests that the platform itself asks the challenger too; traffic: share
    that it has the challenger answer.
    """

    name: str
    environment: str
    bundle: str
    challenger: str = ""
    image: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    prefix: str = ""
    replicas: int = 1
    autoscale: Autoscale | None = None
    resources: Resources = field(default_factory=Resources)
    concurrency: int = 0
    timeout_s: float = 0.0
    server: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()
    identity: str = ""
    public: bool = False
    telemetry: str = ""
    shadow: float = 0.0
    traffic: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, by its dotted name; None where one side does not say it."""

    field: str
    live: object
    wanted: object


_TABLES: Final = ("server", "variables", "resources", "autoscale")


def said_of(deployment: Deployment) -> dict[str, object]:
    """What it says beyond the defaults, by dotted name: `replicas`, `server.auth`, `secrets.TOKEN`."""
    said: dict[str, object] = {}
    for one in fields(Deployment):
        value = getattr(deployment, one.name)
        default = one.default if one.default_factory is MISSING else one.default_factory()
        if value == default and default is not MISSING:
            continue
        if one.name == "secrets":
            said |= {f"secrets.{secret.name}": secret.source for secret in deployment.secrets}
        elif one.name in _TABLES:
            said |= {f"{one.name}.{key}": inner for key, inner in _parts(value).items()}
        else:
            said[one.name] = value
    return said


def _parts(value: Any) -> dict[str, object]:
    if isinstance(value, Mapping):
        return dict(value)
    blank = {one.name: one.default for one in fields(value)}
    return {name: getattr(value, name) for name in blank if getattr(value, name) != blank[name]}


def differences(live: Deployment | None, wanted: Deployment) -> tuple[Change, ...]:
    """Field by field, in the order of their names; everything where nothing is live."""
    before = said_of(live) if live is not None else {}
    after = said_of(wanted)
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )

"""What should run in an environment, of what trimtab.toml says of it and one bundle."""

from __future__ import annotations

from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.release.environments import Environment

__all__ = ["wanted_of"]

_SAME: Final = (
    "image", "replicas", "autoscale", "resources", "variables", "secrets", "identity", "public", "telemetry",
)  # fmt: skip
_PLACE: Final = frozenset({"host", "port"})


def wanted_of(environment: Environment, name: str, bundle: str) -> Deployment:
    """The deployment, without a challenger. name: of the endpoint; bundle: a digest.

    Where it is reached is said by the environment or its target, since `[server]` says it for every environment at
    once; of one that says nothing, the defaults of a deployment hold.
    """
    place = {key: value for key in sorted(_PLACE) if (value := getattr(environment, key))}
    server = {key: value for key, value in environment.server.items() if key not in _PLACE}
    said = {key: getattr(environment, key) for key in _SAME}
    return Deployment(name, environment.name, bundle, server=server, **place, **said)

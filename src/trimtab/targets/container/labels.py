"""What containers carry, so that whoever looks at the engine knows what runs; nothing that is secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from trimtab.core.deployment import Deployment, said_of

__all__ = [
    "AGAIN",
    "BUNDLE",
    "DEPLOYMENT",
    "GATEWAY",
    "PORT",
    "REVISION",
    "ROLE",
    "SECRETS",
    "Role",
    "as_read",
    "deployment_in",
    "deployment_label",
    "mine",
    "whose",
]

Role: TypeAlias = Literal["revision", "router"]
_ENDPOINT: Final = "trimtab.endpoint"
_ENVIRONMENT: Final = "trimtab.environment"
ROLE: Final = "trimtab.role"
BUNDLE: Final = "trimtab.bundle"
DEPLOYMENT: Final = "trimtab.deployment"  # what it was started for, as JSON
REVISION: Final = "trimtab.revision"  # digest of all that it was started with
AGAIN: Final = "trimtab.again"  # how many of the same revision there were before it
PORT: Final = "trimtab.port"  # of this machine, that a revision is reached by
GATEWAY: Final = "trimtab.gateway"  # from where a revision is reached, which it believes
SECRETS: Final = "trimtab.secrets"  # keyed digest of the secrets' values: another one where one of them changes


def mine(name: str, environment: str) -> dict[str, str]:
    """The labels of all that belongs to an endpoint: what lacks one of them is somebody else's."""
    return {_ENDPOINT: name, _ENVIRONMENT: environment}


def whose(labels: Mapping[str, str]) -> tuple[str, str]:
    """The endpoint that a container of ours belongs to, and its environment."""
    return labels[_ENDPOINT], labels[_ENVIRONMENT]


def deployment_label(deployment: Deployment) -> str:
    """A deployment as JSON, what is said of it alone, keys sorted."""
    names = {key.partition(".")[0] for key in said_of(deployment)}
    whole = {name: getattr(deployment, name) for name in names}
    return msgspec.json.encode(whole, order="sorted").decode()


def as_read(deployment: Deployment) -> Deployment:
    """The same, as it is read back from a label: 1.0 for 1 where a number may be a fraction, lists for tuples."""
    return msgspec.json.decode(deployment_label(deployment), type=Deployment)


def deployment_in(labels: Mapping[str, str]) -> Deployment | None:
    """The deployment of a container's labels; None where there is none that can be read."""
    try:
        return msgspec.json.decode(labels[DEPLOYMENT], type=Deployment)
    except (KeyError, msgspec.DecodeError):
        return None

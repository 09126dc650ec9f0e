"""What trimtab.toml says of pipelines, and what else they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from trimtab.release.environments import Environment

__all__ = ["KINDS", "PATHS", "Kind", "Subject", "Wishes", "is_hosted"]

Kind: TypeAlias = Literal["github", "azure"]
KINDS: Final[tuple[Kind, ...]] = ("github", "azure")
PATHS: Final[Mapping[Kind, str]] = {"github": ".github/workflows/trimtab.yml", "azure": "azure-pipelines.yml"}
_IMAGE: Final = re.compile(r"(ubuntu|windows|macos)-[\w.-]+", re.IGNORECASE)


def is_hosted(runner: str) -> bool:
    """Whether a machine is one of the service's own images, which is thrown away after each job."""
    return _IMAGE.fullmatch(runner) is not None


@dataclass(frozen=True, slots=True)
class Wishes:
    """`[pipeline]`.

    runner: the machine that jobs run on: an image of the service, labels of own runners (GitHub: with commas between)
    or the name of an own pool (Azure); runners: another one of an environment, by its name. requirements: hashed lock
    that trimtab and what the model needs are installed from, from the repository's root. key: secret (GitHub) or
    secure file (Azure) with the private key that signs; empty for none. by: `commit` has a release only write what is
    wanted into git. timeout_s: longest job. connections: Azure service connections by environment; an environment
    that has one logs in to Azure.
    """

    kinds: tuple[Kind, ...] = ("github",)
    runner: str = "ubuntu-24.04"
    runners: Mapping[str, str] = field(default_factory=dict)
    python: str = "3.11"
    requirements: str = "requirements/release.txt"
    key: str = ""
    by: Literal["apply", "commit"] = "apply"
    timeout_s: float = 3600.0
    connections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a pipeline moves, and where.

    environments: in their order. record: kind of the record of releases, `git` or `local`. registry: repository that
    bundles are pushed to and pulled from; empty for none. folder: the project's, from the repository's root; empty for
    the root itself.
    """

    name: str
    environments: tuple[Environment, ...]
    record: str = "local"
    registry: str = ""
    folder: str = ""

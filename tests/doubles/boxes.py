"""What an engine in memory knows: its commands with their flags, and what a container is to it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# flag -> whether it takes a value, of each command
_MARKED = {"--filter": True, "--format": True}
_VALUES = (
    "--name", "--user", "--cap-drop", "--security-opt", "--restart", "--pull", "--log-driver", "--log-opt", "--tmpfs",
    "--pids-limit", "--stop-timeout", "--memory", "--memory-swap", "--cpus", "--network", "--publish", "--label",
    "--mount", "--env", "--entrypoint",
)  # fmt: skip
FLAGS: Mapping[str, Mapping[str, bool]] = {
    "run": {**dict.fromkeys(_VALUES, True), "--detach": False, "--read-only": False},
    "ps": {"--all": False, "--quiet": False, "--no-trunc": False, **_MARKED},
    "container inspect": {},
    "image inspect": {},
    "network inspect": {},
    "network rm": {},
    "network ls": _MARKED,
    "network create": {"--label": True},
    "secret rm": {},
    "secret create": {},
    "secret ls": {"--format": True},
    "pull": {"--quiet": False},
    "load": {"--input": True},
    "exec": {"--interactive": False},
    "kill": {"--signal": True},
    "stop": {"--time": True},
    "rm": {"--force": False, "--volumes": False},
    "logs": {"--tail": True},
}
PODMAN_ONLY = {"--secret": True, "--read-only-tmpfs=false": False}
TWO = ("container", "image", "network", "secret")


@dataclass
class Box:
    """One container. state: of what runs in it; routes: of a router, as it has taken them last."""

    id: str
    name: str
    image: str
    words: list[str]
    flags: dict[str, list[str]]
    status: str = "running"
    code: int = 0
    restarts: int = 0
    routes: dict[str, Any] = field(default_factory=dict)
    refused: str = ""

    @property
    def labels(self) -> dict[str, str]:
        return dict(one.split("=", 1) for one in self.flags.get("--label", []))

    @property
    def role(self) -> str:
        return self.labels.get("trimtab.role", "")

    def shown(self, target: str) -> Path:
        """The folder of the machine that is mounted there."""
        mounts = [dict(part.partition("=")[::2] for part in one.split(",")) for one in self.flags.get("--mount", [])]
        return next(Path(one["source"]) for one in mounts if one["target"] == target)

    @property
    def settings(self) -> dict[str, Any]:
        """Of a revision's server."""
        return tomllib.loads((self.shown("/etc/trimtab") / "settings.toml").read_text())

    @property
    def port(self) -> str:
        """Of the loopback address of the machine."""
        published = self.flags.get("--publish", [])
        return published[0].split(":")[1] if published else self.words[self.words.index("--port") + 1]

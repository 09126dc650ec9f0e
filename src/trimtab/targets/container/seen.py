"""What an engine says of containers, read: podman and docker agree on nearly all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.targets.container import commands
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.labels import AGAIN, BUNDLE, GATEWAY, REVISION, ROLE, SECRETS, deployment_in, mine
from trimtab.targets.container.service import HOST, RESTART, USER, Service
from trimtab.targets.container.wants import Known
from trimtab.targets.faults import no_answer

__all__ = ["Seen", "altered", "gateway_in", "look"]

_CPU: Final = 10**9  # of what a processor counts
_KILLED: Final = 137
_GONE: Final = "no such"  # what both say of a container that went while they were asked


@dataclass(frozen=True, slots=True)
class Seen:
    """One container. status: as the engine calls it (`running`, `exited`, `created`, ...). fixed: how it is held.

    restarts: how often it ended by itself and was started again; code: what it ended with, last.
    """

    id: str
    name: str
    image: str
    status: str
    labels: Mapping[str, str]
    fixed: Mapping[str, object]
    restarts: int = 0
    code: int = 0

    @property
    def runs(self) -> bool:
        """Whether it does."""
        return self.status == "running"

    @property
    def role(self) -> str:
        """`revision`, `router`, or empty."""
        return self.labels.get(ROLE, "")

    @property
    def bundle(self) -> str:
        """The digest of what it serves."""
        return self.labels.get(BUNDLE, "")

    @property
    def known(self) -> Known:
        """What it was started with beside its deployment."""
        again = self.labels.get(AGAIN, "")
        seal, gateway = (self.labels.get(key, "") for key in (SECRETS, GATEWAY))
        return Known(self.image, seal, int(again) if again.isdecimal() else 0, gateway)

    @property
    def deployment(self) -> Deployment | None:
        """What it was started for."""
        return deployment_in(self.labels)

    @property
    def why(self) -> str:
        """For people: why it does not run."""
        if self.runs:
            return f"it ended {self.restarts} times" if self.restarts else ""
        return "killed, perhaps for its memory" if self.code == _KILLED else f"{self.status}, exit status {self.code}"


def look(engine: Engine, name: str, environment: str) -> tuple[Seen, ...]:
    """All containers of the endpoint, running or not, by name. OutsideError P502."""
    for _ in range(3):  # one may go between both questions
        ids = must(engine, commands.listing(mine(name, environment))).lines
        if not ids:
            return ()
        done = engine(commands.seen(ids))
        if done.status == 0:
            return tuple(sorted(read(done.out), key=lambda one: one.name))
        if _GONE not in done.err.lower():
            break
    return tuple(sorted(read(must(engine, commands.seen(ids)).out), key=lambda one: one.name))


def gateway_in(text: str) -> str:
    """The IPv4 address that a network's containers see this machine at; empty where the engine does not say it."""
    try:
        (said,) = msgspec.json.decode(text, type=list[dict[str, Any]])
    except (msgspec.DecodeError, ValueError) as error:
        raise no_answer(f"the engine's answer cannot be read: {error}", "network inspect") from None
    docker = (said.get("IPAM") or {}).get("Config") or ()
    found = [one.get("gateway") or one.get("Gateway") or "" for one in (*(said.get("subnets") or ()), *docker)]
    return next((one.partition("/")[0] for one in found if "." in one), "")


def read(text: str) -> Sequence[Seen]:
    """What `inspect` printed; OutsideError P502 for what is no such thing."""
    try:
        return [_seen(one) for one in msgspec.json.decode(text, type=list[dict[str, Any]])]
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise no_answer(f"the engine's answer cannot be read: {error}", "inspect") from None


def _seen(said: Mapping[str, Any]) -> Seen:
    state, config, host = said["State"], said["Config"], said["HostConfig"]
    policy = host.get("RestartPolicy") or {}
    fixed = {
        "memory": host.get("Memory") or 0,
        "cpu": (host.get("NanoCpus") or 0) / _CPU,
        "pids": host.get("PidsLimit") or 0,
        "network": host.get("NetworkMode", ""),
        "restart": policy.get("Name", ""),
        "user": config.get("User", ""),
        "read_only": bool(host.get("ReadonlyRootfs")),
        "privileged": bool(host.get("Privileged")) or bool(host.get("CapAdd")),
        "new_privileges": not any(one.startswith("no-new-privileges") for one in host.get("SecurityOpt") or ()),
    }
    return Seen(
        said["Id"],
        said["Name"].removeprefix("/"),
        said["Image"].removeprefix("sha256:"),
        state["Status"],
        config.get("Labels") or {},
        fixed,
        int(said.get("RestartCount") or 0),
        int(state.get("ExitCode") or 0),
    )


def altered(seen: Seen, service: Service) -> tuple[str, ...]:
    """What of a container is not as it was wanted, for people; empty where it is the service and runs."""
    if seen.labels.get(REVISION) != service.labels[REVISION]:
        return (f"`{seen.name}` was started for something else",)
    wanted = {
        "memory": service.memory, "cpu": service.cpu, "pids": service.pids, "restart": RESTART, "user": USER,
        "read_only": True, "privileged": False, "new_privileges": False,
    }  # fmt: skip
    if service.network == HOST:
        wanted["network"] = HOST
    found = [
        f"`{key}` of `{seen.name}` is {seen.fixed[key]}, not {value}"
        for key, value in wanted.items()
        if seen.fixed[key] != value
    ]
    return (*found, *([] if seen.runs else [f"`{seen.name}` does not run: {seen.why}"]))

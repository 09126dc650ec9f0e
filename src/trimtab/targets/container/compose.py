"""A compose file of services, by the Compose Specification: a structure first, its text afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from trimtab.core.deployment import Secret
from trimtab.targets.container.labels import REVISION
from trimtab.targets.container.named import GIVEN
from trimtab.targets.container.service import CAPABILITIES, HOST, LOGS_FILES, LOGS_SIZE, RESTART, TMPFS, USER, Service
from trimtab.targets.container.yaml_text import yaml_of

__all__ = ["compose_of", "compose_text"]

_NOTE: Final = "# Written by trimtab from the deployment; secrets come from whoever starts it.\n"


def compose_text(project: str, services: Mapping[str, Service], behind: Sequence[str]) -> str:
    """See `compose_of`."""
    return _NOTE + yaml_of(compose_of(project, services, behind))


def compose_of(project: str, services: Mapping[str, Service], behind: Sequence[str]) -> dict[str, Any]:
    """The document. behind: the services that must be well before all others start."""
    said = {key: _service(service, [] if key in behind else behind) for key, service in services.items()}
    document: dict[str, Any] = {"name": project, "services": said}
    names = sorted({one.network for one in services.values()} - {HOST})
    if names:
        document["networks"] = {name: {"name": name} for name in names}
    secrets = {_key(one, secret): _source(secret) for one in services.values() for secret in one.secrets}
    if secrets:
        document["secrets"] = secrets
    return document


def _service(service: Service, after: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"container_name": service.name, "image": _plain(service.image)}
    if service.entrypoint:
        said["entrypoint"] = [_plain(one) for one in service.entrypoint]
    said["command"] = [_plain(one) for one in service.words]
    said["user"] = USER
    said["read_only"] = True
    said["cap_drop"] = [CAPABILITIES.upper()]
    said["security_opt"] = ["no-new-privileges"]
    said["tmpfs"] = [f"{place}:{TMPFS},size={size}" for place, size in sorted(service.tmpfs.items())]
    said |= _limits(service) | _network(service)
    said["environment"] = dict(service.variables)
    uid, _, gid = USER.partition(":")
    said["secrets"] = [
        {"source": _key(service, one), "target": f"{GIVEN}/{one.name}", "uid": uid, "gid": gid, "mode": "0400"}
        for one in service.secrets
    ]
    said["labels"] = {key: _plain(value) for key, value in sorted(service.labels.items())}
    said["volumes"] = [
        {
            "type": "bind", "source": _plain(mount.source), "target": mount.target, "read_only": not mount.writable,
            "bind": {"create_host_path": False},
        }
        for mount in service.mounts
    ]  # fmt: skip
    said["restart"] = RESTART
    said["stop_grace_period"] = f"{service.stop_s}s"
    said["logging"] = {"driver": "json-file", "options": {"max-size": LOGS_SIZE, "max-file": str(LOGS_FILES)}}
    if after:
        said["depends_on"] = {one: {"condition": "service_healthy"} for one in after}
    return {key: value for key, value in said.items() if value not in ([], {})}


def _limits(service: Service) -> dict[str, Any]:
    said: dict[str, Any] = {"pids_limit": service.pids}
    if service.memory:
        said |= {"mem_limit": f"{service.memory}b", "memswap_limit": f"{service.memory}b"}
    if service.cpu:
        said["cpus"] = service.cpu
    return said


def _network(service: Service) -> dict[str, Any]:
    if service.network == HOST:
        return {"network_mode": HOST}
    said: dict[str, Any] = {"networks": [service.network]}
    if service.ports:
        said["ports"] = [
            {"target": port.inner, "published": str(port.outer), "host_ip": port.host, "protocol": "tcp"}
            for port in service.ports
        ]
    return said


def _key(service: Service, secret: Secret) -> str:
    """Two revisions may take a secret of one name from different places."""
    return f"{service.labels[REVISION][:12]}-{secret.name}"


def _source(secret: Secret) -> dict[str, str]:
    kind, _, place = secret.source.partition(":")
    return {"environment": place} if kind == "env" else {"file": _plain(place)}


def _plain(text: str) -> str:
    """A text in which compose replaces nothing."""
    return text.replace("$", "$$")

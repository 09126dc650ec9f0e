"""Words for an engine, as pure functions: podman and docker agree on all but a few, which `Dialect` says.

Nothing here runs; no word holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from trimtab.targets.container.named import GIVEN
from trimtab.targets.container.service import CAPABILITIES, HOST, LOGS_FILES, LOGS_SIZE, RESTART, TMPFS, USER, Service

__all__ = [
    "Dialect",
    "Words",
    "create_network",
    "create_secret",
    "execute",
    "image_seen",
    "kill",
    "listing",
    "load",
    "logs",
    "network_seen",
    "networks",
    "pull",
    "remove",
    "remove_network",
    "remove_secret",
    "run",
    "secrets",
    "seen",
    "stop",
]  # fmt: skip

Dialect: TypeAlias = Literal["podman", "docker"]
Words: TypeAlias = tuple[str, ...]
_FIXED: Final = ",readonly"
_HARD: Final = (
    "--user", USER, "--read-only", "--cap-drop", CAPABILITIES, "--security-opt", "no-new-privileges",
    "--restart", RESTART, "--pull", "never",
)  # fmt: skip
# podman's own driver keeps one file; docker's keeps several, and says its sizes in another case
_LOGS: Final[Mapping[Dialect, Words]] = {
    "podman": ("--log-driver", "k8s-file", "--log-opt", f"max-size={LOGS_SIZE}b"),
    "docker": (
        "--log-driver", "json-file", "--log-opt", f"max-size={LOGS_SIZE}", "--log-opt", f"max-file={LOGS_FILES}"
    ),
}  # fmt: skip


def run(service: Service, dialect: Dialect, kept: Mapping[str, str]) -> Words:
    """Starts the container and comes back. kept: where each secret is: podman's name for it, or a file for docker."""
    words: list[str] = ["run", "--detach", "--name", service.name, *_HARD, *_LOGS[dialect]]
    if dialect == "podman":
        words.append("--read-only-tmpfs=false")  # only what is named below may be written
    words += [part for place, size in sorted(service.tmpfs.items()) for part in _tmpfs(place, size)]
    words += _limits(service)
    words += _network(service)
    for key, value in sorted(service.labels.items()):
        words += ["--label", f"{key}={value}"]
    for mount in service.mounts:
        words += ["--mount", f"type=bind,source={mount.source},target={mount.target}{'' if mount.writable else _FIXED}"]
    for key, value in service.variables.items():
        words += ["--env", f"{key}={value}"]
    words += _secrets(service, dialect, kept)
    if service.entrypoint:
        words += ["--entrypoint", service.entrypoint[0]]
    return (*words, service.image, *service.entrypoint[1:], *service.words)


def _secrets(service: Service, dialect: Dialect, kept: Mapping[str, str]) -> list[str]:
    uid, _, gid = USER.partition(":")
    words: list[str] = []
    for name in (secret.name for secret in service.secrets):
        if dialect == "podman":
            words += ["--secret", f"{kept[name]},type=mount,target={GIVEN}/{name},uid={uid},gid={gid},mode=0400"]
        else:
            words += ["--mount", f"type=bind,source={kept[name]},target={GIVEN}/{name}{_FIXED}"]
    return words


def _tmpfs(place: str, size: int) -> Words:
    return ("--tmpfs", f"{place}:{TMPFS},size={size}")


def _limits(service: Service) -> list[str]:
    words = ["--pids-limit", str(service.pids), "--stop-timeout", str(service.stop_s)]
    if service.memory:  # and no swap beside it
        words += ["--memory", f"{service.memory}b", "--memory-swap", f"{service.memory}b"]
    if service.cpu:
        words += ["--cpus", f"{service.cpu:g}"]
    return words


def _network(service: Service) -> list[str]:
    words = ["--network", service.network]
    if service.network == HOST:
        return words
    for port in service.ports:
        host = f"[{port.host}]" if ":" in port.host else port.host
        words += ["--publish", f"{host}:{port.outer}:{port.inner}"]
    return words


def listing(labels: Mapping[str, str]) -> Words:
    """Ids of all containers with these labels, a line each, whether they run or not."""
    return ("ps", "--all", "--quiet", "--no-trunc", *_filters(labels))


def _filters(labels: Mapping[str, str]) -> Words:
    return tuple(word for key, value in sorted(labels.items()) for word in ("--filter", f"label={key}={value}"))


def seen(ids: Iterable[str]) -> Words:
    """What the engine knows of containers, by id or name, as a JSON array."""
    return ("container", "inspect", *ids)


def image_seen(image: str) -> Words:
    """The same of an image."""
    return ("image", "inspect", image)


def pull(image: str) -> Words:
    """Fetches an image."""
    return ("pull", "--quiet", image)


def load(file: str) -> Words:
    """Takes images out of an archive."""
    return ("load", "--input", file)


def execute(name: str, command: Iterable[str], *, talks: bool = False) -> Words:
    """Runs a command in a container. talks: it reads its standard input."""
    return ("exec", *(("--interactive",) if talks else ()), name, *command)


def kill(name: str, signal: str) -> Words:
    """Sends a signal."""
    return ("kill", "--signal", signal, name)


def stop(name: str, within_s: int) -> Words:
    """Ends it: SIGTERM, and SIGKILL when the time is up."""
    return ("stop", "--time", str(within_s), name)


def remove(name: str) -> Words:
    """Takes it away, running or not, without waiting for it."""
    return ("rm", "--force", "--volumes", name)


def logs(name: str) -> Words:
    """The last of what it said."""
    return ("logs", "--tail", "20", name)


def networks(labels: Mapping[str, str]) -> Words:
    """Names of the networks with these labels, a line each."""
    return ("network", "ls", "--format", "{{.Name}}", *_filters(labels))


def network_seen(name: str) -> Words:
    """What the engine knows of a network."""
    return ("network", "inspect", name)


def create_network(name: str, labels: Mapping[str, str]) -> Words:
    """Makes a network."""
    return (
        "network",
        "create",
        *(w for key, value in sorted(labels.items()) for w in ("--label", f"{key}={value}")),
        name,
    )


def remove_network(name: str) -> Words:
    """Takes it away; no container may be in it."""
    return ("network", "rm", name)


def secrets() -> Words:
    """Names of all secrets that podman keeps, a line each."""
    return ("secret", "ls", "--format", "{{.Name}}")


def create_secret(name: str) -> Words:
    """Keeps what comes by the standard input."""
    return ("secret", "create", name, "-")


def remove_secret(name: str) -> Words:
    """Forgets it."""
    return ("secret", "rm", name)

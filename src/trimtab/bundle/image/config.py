"""The config and the manifest of an image, as bytes: what runs, as whom, and what is known of it. No clock, no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from trimtab.bundle.image.base import Base, Image, Root
from trimtab.bundle.image.layers import Layer
from trimtab.bundle.manifest import canonical
from trimtab.bundle.oci.spec import CONFIG, MANIFEST, Descriptor, Manifest, Platform, described, document

__all__ = ["CREATED", "HOME", "USER", "Running", "config_of", "interpreter", "manifest_of", "running_of", "site"]

HOME: Final = "/opt/trimtab"
USER: Final = "10001:10001"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DROPPED: Final = frozenset({"PYTHONPATH", "PYTHONHOME"})  # would bring in what nobody proved the bundle with
CREATED: Final = "1970-01-01T00:00:00Z"
_SECOND: Final = 10**9  # the unit of a health check's times is the nanosecond


@dataclass(frozen=True, slots=True)
class Running:
    """How the container runs; the same for the image's config and for a Containerfile."""

    environment: Mapping[str, str]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    health: tuple[str, ...]
    ports: tuple[int, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


def site(version: str) -> str:
    """Where the modules are: the image holds a virtual environment of Python, whatever the base is."""
    return f"{HOME}/lib/python{version}/site-packages"


def interpreter(version: str) -> str:
    """The link by which the base's interpreter is called, so that it finds that environment and nothing else."""
    return f"{HOME}/bin/python{version}"


def running_of(
    version: str, name: str, ports: Sequence[int], base: Mapping[str, str], labels: Mapping[str, str]
) -> Running:
    """Serve the bundle of that name; the first port is that of HTTP. base: the variables that the base sets.

    The address is every one that the container has: which of them others reach is for those who run it to say, by
    what they publish.
    """
    python = interpreter(version)
    environment = {
        **{key: value for key, value in base.items() if key not in _DROPPED},
        "PATH": f"{HOME}/bin:{base.get('PATH', _PATH)}",
        "PYTHONSAFEPATH": "1",  # nothing is imported from the working directory
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return Running(
        environment,
        (python, "-m", "trimtab", "serve", f"/models/{name}"),
        ("--host", "0.0.0.0", "--insecure"),  # noqa: S104 - see above
        (python, "-m", "trimtab.server.probe", str(ports[0])),
        tuple(ports),
        labels,
    )


def config_of(base: Base, layers: Sequence[Layer], running: Running, created: str = CREATED) -> bytes:
    """The config; nothing of the base's own stays but its variables, which `running_of` was told."""
    config: dict[str, Any] = {
        "User": USER,
        "WorkingDir": HOME,
        "Env": [f"{key}={value}" for key, value in running.environment.items()],
        "Entrypoint": list(running.entrypoint),
        "Cmd": list(running.command),
        "ExposedPorts": {f"{port}/tcp": {} for port in running.ports},
        "StopSignal": "SIGTERM",
        "Labels": dict(running.labels),
        "Healthcheck": {
            "Test": ["CMD", *running.health],
            "Interval": 30 * _SECOND, "Timeout": 5 * _SECOND, "StartPeriod": 60 * _SECOND, "Retries": 3,
        },
    }  # fmt: skip
    image = Image(
        base.image.architecture,
        base.image.os,
        Root((*base.image.rootfs.diff_ids, *(layer.diff_id for layer in layers))),
        config,
        base.image.variant,
        (*_history(base), *({"created": created, "created_by": f"trimtab image: {one.name}"} for one in layers)),
    )
    return canonical({"created": created, **msgspec.to_builtins(image)})


def _history(base: Base) -> Sequence[dict[str, Any]]:
    """One entry a layer at least: readers refuse an image whose history has fewer."""
    said = base.image.history
    if sum(not one.get("empty_layer") for one in said) == len(base.layers):
        return said
    return [{"comment": "a layer of the base, of which its config says nothing"}] * len(base.layers)


def manifest_of(base: Base, layers: Sequence[Layer], config: bytes, annotations: Mapping[str, str]) -> bytes:
    """The manifest: the base's layers as they were, then ours."""
    kept = tuple(Descriptor(one.media_type, one.digest, one.size) for one in base.layers)
    return document(
        Manifest(
            schema_version=2,
            media_type=MANIFEST,
            config=described(config, CONFIG),
            layers=(*kept, *(layer.descriptor for layer in layers)),
            annotations=dict(annotations),
        )
    )


def platform_of(image: Image) -> Platform:
    """The platform, as an index names it."""
    return Platform(image.architecture, image.os, image.variant)

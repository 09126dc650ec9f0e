"""The files that containers are shown: settings of a revision's server, and what the router passes on to whom."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trimtab.core.deployment import Deployment
from trimtab.core.hosts import is_loopback
from trimtab.core.replacement import Replacement
from trimtab.targets.container.named import FRONT, GIVEN, fronts_of, within
from trimtab.targets.toml import toml_text

__all__ = ["CONFIG", "ROUTES", "SETTINGS", "STATE", "Routes", "routes_text", "settings_text", "show"]

CONFIG: Final = "/etc/trimtab"  # the folder that they are in, in the container
STATE: Final = "/var/lib/trimtab"  # where the router keeps what was promoted
SETTINGS: Final = "settings.toml"
ROUTES: Final = "routes.toml"
_START_S: Final = 30


@dataclass(frozen=True, slots=True)
class Routes:
    """listen, control: address and port. champion: digest of the backend that answers. backends: URL by digest.

    answer_s: an answer may take; 0 where nothing is said. server: keys of `[server]` that are the router's.
    """

    name: str
    listen: tuple[str, int]
    control: tuple[str, int]
    champion: str
    backends: Mapping[str, str]
    answer_s: float = 0.0
    server: Mapping[str, Any] = field(default_factory=dict)


def settings_text(wanted: Deployment, proxies: Sequence[str] = ()) -> str:
    """What `trimtab serve --settings` reads: keys of `[server]`, variables, and where secrets are in the container.

    proxies: from where the router's requests come.
    """
    said = within(wanted.server, proxies)
    if wanted.timeout_s:
        said["timeout"] = f"{wanted.timeout_s:g}s"
    secrets = {one.name: f"file:{GIVEN}/{one.name}" for one in wanted.secrets}
    tables = {"server": said, "variables": dict(wanted.variables), "secrets": secrets}
    return toml_text({name: table for name, table in tables.items() if table or name == "server"})


def routes_text(routes: Routes, version: int) -> str:
    """What `trimtab route` reads, and again at SIGHUP. version: greater than that of the file before."""
    said: dict[str, Any] = {
        "version": version,
        "name": routes.name,
        "listen": _place(routes.listen),
        "control": _place(routes.control),
        "champion": routes.champion,
        "state": f"{STATE}/state.json",
        "health": "/readyz",
        "timeouts": {"start": _START_S, **({"answer": routes.answer_s} if routes.answer_s else {})},
        "backends": dict(routes.backends),
    }
    if not is_loopback(routes.listen[0]):
        said["insecure"] = True  # `public` of the deployment says that this is meant, or revisions ask and TLS is there
    if fronts := fronts_of(routes.server):
        said |= {one.key: f"/etc/trimtab-{FRONT}/{one.name}" for one in fronts} | {"plain_control": True}
    return toml_text(said)


def _place(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def show(path: Path, data: bytes) -> None:
    """A file that every user may read, also where the mask of this process says otherwise; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)
    with Replacement(path, 0o644) as new:
        os.fchmod(new.file.fileno(), 0o644)
        new.file.write(data)
        new.commit(overwrite=True)

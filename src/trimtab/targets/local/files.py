"""What a deployment is on this machine, as files: the settings that its server reads, and units of systemd."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trimtab.core.deployment import Deployment
from trimtab.targets.kept import text_of
from trimtab.targets.toml import toml_text
from trimtab.targets.units import Unit, command_line

__all__ = ["SETTINGS", "Files", "alias_of", "digest_of"]

SETTINGS: Final = "settings.toml"
_STOP_S: Final = 30  # a drain takes 20 s at most


def alias_of(environment: str) -> str:
    """The alias in the store that an environment's endpoints are served by: what it points at answers there."""
    return f"env-{environment}"


def digest_of(text: str) -> str:
    """What a server says of the settings that it has read."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Files:
    """Renders for one machine; nothing is looked at. python: what runs trimtab; every path is absolute.

    folder: of the endpoint. root: where relative paths of settings start. insecure: see `trimtab serve`.
    """

    python: str
    store: Path
    folder: Path
    root: Path
    insecure: bool = False

    def settings(self, wanted: Deployment) -> str:
        """The file that `trimtab serve --settings` reads."""
        server: dict[str, Any] = {**wanted.server, "host": wanted.host, "port": wanted.port}
        if wanted.timeout_s:
            server["timeout"] = f"{wanted.timeout_s:g}s"
        log = server.get("log")
        if isinstance(log, Mapping) and "folder" not in log:
            server["log"] = {**log, "folder": str(self.folder / "journal")}
        secrets = {secret.name: secret.source for secret in wanted.secrets}
        tables = {"server": server, "variables": dict(wanted.variables), "secrets": secrets}
        return toml_text({name: table for name, table in tables.items() if table})

    def command(self, wanted: Deployment) -> list[str]:
        """What serves it."""
        words = [self.python, "-P", "-m", "trimtab", "serve", f"{wanted.name}:{alias_of(wanted.environment)}"]
        words += ["--settings", str(self.folder / SETTINGS), "--store", str(self.store)]
        words += ["--host", wanted.host, "--port", str(wanted.port)]
        return [*words, "--insecure"] if self.insecure else words

    def units(self, wanted: Deployment) -> dict[str, Unit]:
        """A service, and the sockets that systemd holds for it while it starts anew."""
        name = f"trimtab-{wanted.name}-{wanted.environment}"
        what = f"model endpoint {wanted.name} in {wanted.environment}"
        sockets = {f"{name}.socket": self._http(wanted, what, name), f"{name}-seat.socket": self._seat(what, name)}
        service: dict[str, dict[str, str | Sequence[str]]] = {
            "Unit": {"Description": what, "After": "network.target"},
            "Service": {
                "Type": "exec",
                "WorkingDirectory": str(self.root).replace("%", "%%"),
                "ExecStart": command_line(self.command(wanted)),
                "ExecReload": "/bin/kill -HUP $MAINPID",
                "Sockets": tuple(sockets),
                "Restart": "always",
                "RestartSec": "1",
                "KillMode": "mixed",
                "TimeoutStopSec": str(_STOP_S),
                "NoNewPrivileges": "yes",
                "UMask": "0077",
            },
            "Install": {"WantedBy": "default.target", "Also": tuple(sockets)},
        }
        return {f"{name}.service": Unit(service), **sockets}

    def _http(self, wanted: Deployment, what: str, name: str) -> Unit:
        address = f"[{wanted.host}]:{wanted.port}" if ":" in wanted.host else f"{wanted.host}:{wanted.port}"
        said = {"ListenStream": address, "FileDescriptorName": "http", "Service": f"{name}.service", "Backlog": "1024"}
        return Unit({"Unit": {"Description": f"{what}, its port"}, "Socket": said, "Install": _INSTALL})

    def _seat(self, what: str, name: str) -> Unit:
        said = {"ListenSequentialPacket": str(self.folder / "seat").replace("%", "%%"), "FileDescriptorName": "seat"}
        said |= {"Service": f"{name}.service", "SocketMode": "0600", "DirectoryMode": "0700"}
        return Unit({"Unit": {"Description": f"{what}, where it is asked"}, "Socket": said, "Install": _INSTALL})

    def all(self, wanted: Deployment) -> dict[str, str]:
        """Every file by its name, as text."""
        return {"deployment.json": text_of(wanted), SETTINGS: self.settings(wanted)} | {
            name: str(unit) for name, unit in self.units(wanted).items()
        }


_INSTALL: Final = {"WantedBy": "sockets.target"}

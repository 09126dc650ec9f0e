"""What `[server]` names of this machine's files and folders: where containers find it. Pure.

Three kinds. A file that is read once, at the start, goes the way of secrets: another content makes another revision. A
file that is looked at again and again (keys, the certificate of the router) lies as a copy in a folder that is mounted,
and a new copy is seen without a restart. A folder that is written to is mounted itself, and outlives every container.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from trimtab.core.deployment import Secret
from trimtab.targets.container.service import Mount

__all__ = [
    "DATA", "FRONT", "KEYS", "OF_ROUTER", "Named", "asks", "folders_of", "fronts_of", "keys_of", "mounts_of",
    "once_of", "table", "within",
]  # fmt: skip

OF_ROUTER: Final = ("admin", "tls_cert", "tls_key")  # keys that are its own, and no revision's
KEYS: Final = "keys"  # folders below that of the endpoint, with copies of what is looked at again
FRONT: Final = "front"
DATA: Final = "data"  # and of what is written: it stays when the endpoint goes
GIVEN: Final = "/etc/trimtab-secrets"  # below /run, podman 4.3 cannot put them where the root is read only
_KEPT: Final = "/var/lib/trimtab"
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Named:
    """A file or folder. key: of `[server]`, dotted; path: as it is said there, empty where it is not."""

    key: str
    path: str

    @property
    def name(self) -> str:
        """What a copy is called: another one for another path, so that no revision is shown what it was not told."""
        last = self.key.rpartition(".")[2]
        return f"{last}-{hashlib.sha256(self.path.encode()).hexdigest()[:_DIGITS]}"


def table(said: object) -> Mapping[str, Any]:
    """A table of `[server]`; empty for what is none."""
    return said if isinstance(said, Mapping) else {}


def asks(server: Mapping[str, Any]) -> bool:
    """Whether callers have to say who they are."""
    auth = table(server.get("auth"))
    return bool(auth.get("keys") or auth.get("tokens"))


def keys_of(server: Mapping[str, Any]) -> tuple[Named, ...]:
    """The file of keys, which a server looks at every second."""
    path = table(server.get("auth")).get("keys")
    return (Named("auth.keys", path),) if path else ()


def fronts_of(server: Mapping[str, Any]) -> tuple[Named, ...]:
    """Certificate and key of the router."""
    return tuple(Named(key, server[key]) for key in ("tls_cert", "tls_key") if server.get(key))


def _once(server: Mapping[str, Any]) -> tuple[Named, ...]:
    tokens = table(table(server.get("auth")).get("tokens"))
    found = [(f"auth.tokens.{name}.authorities", table(said).get("authorities")) for name, said in tokens.items()]
    found.append(("log.secret", table(server.get("log")).get("secret")))
    return tuple(Named(key, path) for key, path in found if path)


def once_of(server: Mapping[str, Any], root: str = "") -> tuple[Secret, ...]:
    """Files that are read at the start, as secrets that are files. root: where relative paths start."""
    found = {Secret(one.name, f"file:{PurePosixPath(root, one.path)}") for one in _once(server)}
    return tuple(sorted(found, key=lambda one: one.name))


def folders_of(server: Mapping[str, Any]) -> tuple[Named, ...]:
    """Folders that a server writes to. Counts are in a file, and engines are shown folders: one of their own."""
    found = []
    if "log" in server:
        found.append(Named("journal", table(server["log"]).get("folder", "")))
    if server.get("audit"):
        found.append(Named("audit", server["audit"]))
    if table(server.get("limits")).get("file"):
        found.append(Named("quotas", ""))
    return tuple(found)


def mounts_of(server: Mapping[str, Any], folder: str, root: str) -> tuple[Mount, ...]:
    """What a revision is shown beside its settings. folder: of the endpoint; root: where relative paths start."""
    keys = (Mount(f"{folder}/{KEYS}", f"/etc/trimtab-{KEYS}"),) if keys_of(server) else ()
    return keys + tuple(
        Mount(
            str(PurePosixPath(root, one.path)) if one.path else f"{folder}/{DATA}/{one.key}",
            f"{_KEPT}/{one.key}", writable=True, kept=True,
        )
        for one in folders_of(server)
    )  # fmt: skip


def within(server: Mapping[str, Any], proxies: Sequence[str] = ()) -> dict[str, Any]:
    """`[server]` of a revision, with the paths that it finds things at. proxies: whom it believes beside those said."""
    said = {key: value for key, value in server.items() if key not in (*OF_ROUTER, "host", "port")}
    if proxies:
        said["proxies"] = [*said.get("proxies", ()), *proxies]
    if "auth" in said:
        said["auth"] = _auth(table(said["auth"]))
    if said.get("audit"):
        said["audit"] = f"{_KEPT}/audit"
    if table(said.get("limits")).get("file"):
        said["limits"] = {**said["limits"], "file": f"{_KEPT}/quotas/counts"}
    if "log" in said:
        log = {**table(said["log"]), "folder": f"{_KEPT}/journal"}
        if log.get("secret"):
            log["secret"] = f"{GIVEN}/{Named('log.secret', log['secret']).name}"
        said["log"] = log
    return said


def _auth(auth: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(auth)
    if said.get("keys"):
        said["keys"] = f"/etc/trimtab-{KEYS}/{Named('auth.keys', said['keys']).name}"
    if "tokens" in said:
        said["tokens"] = {name: _token(table(one)) for name, one in table(said["tokens"]).items()}
    return said


def _token(said: Mapping[str, Any]) -> dict[str, Any]:
    path = said.get("authorities")
    return {**said, "authorities": f"{GIVEN}/{Named('authorities', path).name}"} if path else dict(said)

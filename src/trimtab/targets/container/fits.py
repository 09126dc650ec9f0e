"""What this target keeps to, and what of a deployment it refuses by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback
from trimtab.targets.container.named import asks, table
from trimtab.targets.honour import must_honour, no_honour

__all__ = ["HONOURS", "must_fit"]

# of `[server]`. Not `grpc`, for the router speaks HTTP alone; nor `hosts` and `admin_host`, for revisions are asked by
# the loopback address and the control plane is there, whatever they are called by
_SERVER: Final = (
    "access_log", "admin", "audit", "auth", "batch", "body", "drain", "engine", "idle", "limits", "log", "memory",
    "processes", "proxies", "rows", "threads", "timeout", "tls_cert", "tls_key", "workers",
)  # fmt: skip
HONOURS: Final = frozenset({
    "challenger", "host", "image", "port", "public", "resources", "secrets", "timeout_s", "variables",
    *(f"server.{key}" for key in _SERVER),
})  # fmt: skip


def must_fit(wanted: Deployment) -> None:
    """P500 for what this target has not; P527 for an address that others reach, neither locked nor meant."""
    must_honour(wanted, HONOURS, "container")
    problems = [*_unkept(wanted), *_open(wanted)]
    if problems:
        raise UserError(*problems)


def _unkept(wanted: Deployment) -> Iterator[Problem]:
    """What is deeper in a table that is kept to."""
    server = wanted.server
    if table(server.get("auth")).get("certificates"):
        hint = "TLS ends at the router: keys or tokens, which it passes on"
        yield no_honour(wanted, "server.auth.certificates", "container", hint)
    if any(str(one).startswith("file:") for one in table(server.get("log")).get("ship", ())):
        hint = "containers are shown no such folder: a bucket or a topic; the journal itself stays on this machine"
        yield no_honour(wanted, "server.log.ship", "container", hint)
    if bool(server.get("tls_cert")) != bool(server.get("tls_key")):
        name = "tls_cert" if server.get("tls_cert") else "tls_key"
        yield no_honour(wanted, f"server.{name}", "container", "say both `tls_cert` and `tls_key`")


def _open(wanted: Deployment) -> Iterator[Problem]:
    if is_loopback(wanted.host):
        return
    where, locked, tls = f"[env.{wanted.environment}] host", asks(wanted.server), bool(wanted.server.get("tls_cert"))
    if locked and not tls:
        what = f"`{wanted.host}` is reached by other machines, and the keys of callers would travel in the open"
        yield Problem("P527", what, where, '`tls_cert` and `tls_key` in `[server]`, or `host = "127.0.0.1"`')
    elif not locked and not wanted.public:
        what = f"`{wanted.host}` is reached by other machines, and nobody is asked who they are"
        hint = '`[server.auth]` and `tls_cert`; `public = true`, where that is meant; or `host = "127.0.0.1"`'
        yield Problem("P527", what, where, hint)

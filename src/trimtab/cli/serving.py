"""Where a server listens, decided from flags, environment and project file."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.cli.vaults.known import known_vaults
from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.core.secrets import read_secret
from trimtab.project import Project, ServerPart
from trimtab.project.values import ServingFile
from trimtab.server.threads import set_pools, threads_each

if TYPE_CHECKING:
    from trimtab.server.settings import Settings

__all__ = ["DEFAULT_PORT", "HIGHEST_PORT", "MOST", "port_of", "settings_of", "surround"]

DEFAULT_PORT: Final = 8080
HIGHEST_PORT: Final = 65535
MOST: Final = 256  # processes of one kind
VARIABLES: Final = ("FUNCTIONS_CUSTOMHANDLER_PORT", "PORT")


def port_of(flag: int | None, project: Project | ServingFile | None, environ: Mapping[str, str]) -> int:
    """The port: flag, FUNCTIONS_CUSTOMHANDLER_PORT, PORT, `[server] port`, 8080, whichever is there first.

    Raises UserError (P114) for a variable that is no port.
    """
    if flag is not None:
        return flag
    for name in VARIABLES:
        if text := environ.get(name):
            if not text.isdecimal() or int(text) > HIGHEST_PORT:
                hint = f"`unset {name}`, or set it to a number up to {HIGHEST_PORT}"
                raise UserError(Problem("P114", f"`{text}` is not a port", f"environment variable {name}", hint))
            return int(text)
    if project is not None and project.server.port is not None:
        return project.server.port
    return DEFAULT_PORT


def surround(file: ServingFile, environ: MutableMapping[str, str]) -> None:
    """Give the environment the variables of the file, and its secrets; raises for every one that cannot be read."""
    found: dict[str, str] = {}
    errors: list[TrimtabError] = []
    for name, reference in file.secrets.items():
        try:
            found[name] = read_secret(reference, known_vaults(), environ).reveal()
        except TrimtabError as error:
            errors.append(error)
    if errors:
        kind = OutsideError if any(isinstance(error, OutsideError) for error in errors) else UserError
        raise kind(*(problem for error in errors for problem in error.problems))
    environ.update(file.variables)
    environ.update(found)


def settings_of(
    said: Mapping[str, Any], project: Project | ServingFile | None, environ: MutableMapping[str, str]
) -> Settings:
    """The server's settings from flags (None: not said), environment and project file.

    Native thread pools are told their size through the environment first, before anything loads a library that asks.
    """
    part = project.server if project else ServerPart()
    processes = said["processes"] or part.processes
    workers = part.workers if said["workers"] is None else said["workers"]
    set_pools(part.threads or threads_each(processes, workers), environ)
    from trimtab.server.settings import Settings

    settings = Settings(
        host=said["host"] or part.host,
        port=port_of(said["port"], project, environ),
        insecure=said["insecure"],
        grpc_port=part.grpc if said["grpc_port"] is None else said["grpc_port"],
        admin_port=part.admin if said["admin_port"] is None else said["admin_port"],
        tls=_tls_files(said["tls_cert"] or part.tls_cert, said["tls_key"] or part.tls_key),
        engine=part.engine,
        processes=processes,
        workers=workers,
        body_limit=part.body,
        rows_limit=part.rows,
        answer_timeout_s=part.timeout,
        idle_timeout_s=part.idle,
        batch_goal_s=part.batch,
        drain_delay_s=part.drain,
        memory=part.memory,
        admin_host=said["admin_host"] or part.admin_host,
        access_log=part.access_log,
        guard=part.guard,
        journal=part.journal,
    )
    return settings if part.batch else replace(settings, batch_rows=1)


def _tls_files(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Both files, or None for neither; raises UserError (P124) for one without the other."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        what = "a certificate without its key" if key is None else "a key without its certificate"
        raise UserError(Problem("P124", what, "trimtab serve", "say both `--tls-cert` and `--tls-key`"))
    return certificate, key

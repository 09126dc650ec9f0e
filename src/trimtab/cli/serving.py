"""Where a server listens, decided from flags, environment and project file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trimtab.core.errors import Problem, UserError
from trimtab.project import Project

__all__ = ["DEFAULT_PORT", "port_of"]

DEFAULT_PORT: Final = 8080
HIGHEST_PORT: Final = 65535
VARIABLES: Final = ("FUNCTIONS_CUSTOMHANDLER_PORT", "PORT")


def port_of(flag: int | None, project: Project | None, environ: Mapping[str, str]) -> int:
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

"""`trimtab route`: one address in front of revisions side by side, until it is told to stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out_json

if TYPE_CHECKING:
    from trimtab.server.routing.process import Up

__all__ = ["command"]


@click.command("route")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, *, as_json: bool) -> None:
    """Route requests to one of several servers of an endpoint, and let a challenger among them be flown.

    FILE, JSON or TOML, names the backends, which of them is the champion, where callers come in and where the control
    plane is: `trimtab fly CHALLENGER --control URL` steers it as it steers a server. SIGHUP has the file looked at
    again, with no failed request; SIGTERM ends it after what was taken is answered. What was promoted stays so, also
    after a restart, until a file of a greater `version` is taken.
    """
    from trimtab.server.routing.process import route

    def ready(up: Up) -> None:
        if as_json:
            facts = {"name": up.name, "address": up.address, "control": up.control, "pid": os.getpid()}
            out_json(facts | {"version": up.version, "champion": up.champion})
            return
        fact("routing", f"{up.name} at {up.address} to {up.champion}, version {up.version} of {file}")
        fact("control", up.control)

    route(file, ready, os.environ)

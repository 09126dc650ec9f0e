"""`trimtab serve`: bundles behind HTTP, until it is told to stop."""

from __future__ import annotations

import os
from pathlib import Path

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.serving import HIGHEST_PORT, port_of
from trimtab.cli.show import fact, out_json
from trimtab.core.errors import Problem, UserError
from trimtab.project import ServerPart

__all__ = ["command"]


@click.command("serve")
@click.argument("bundle", nargs=-1)
@click.option("--host", default=None, metavar="ADDRESS", help="Where to listen; 127.0.0.1 if not said.")
@click.option(
    "--port", type=click.IntRange(0, HIGHEST_PORT), default=None, help="8080 if not said; 0 takes a free one."
)
@click.option("--insecure", is_flag=True, help="Listen where other machines reach it, although it asks nobody.")
@store_option
@json_option
def command(
    bundle: tuple[str, ...],
    host: str | None,
    port: int | None,
    store_folder: Path | None,
    *,
    insecure: bool,
    as_json: bool,
) -> None:
    """Serve bundles: Open Inference Protocol, plain rows, metrics, a page for people.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder; without it, the latest of this folder's trimtab.toml.
    """
    project = project_here()
    store = store_at(store_folder)
    found = [bundle_of(reference, store, project) for reference in bundle or (None,)]
    bundles = {one.name: one for one in found}
    if len(bundles) < len(found):
        raise UserError(Problem("P120", "two bundles of one name cannot be served by one process", "trimtab serve"))
    part = project.server if project else ServerPart()
    from trimtab.server.run import run
    from trimtab.server.settings import Settings

    settings = Settings(
        host=host or part.host,
        port=port_of(port, project, os.environ),
        insecure=insecure,
        body_limit=part.body,
        rows_limit=part.rows,
        answer_timeout_s=part.timeout,
        idle_timeout_s=part.idle,
    )

    def ready(address: str) -> None:
        if as_json:
            served = {
                name: {"digest": one.digest, "url": f"{address}/v2/models/{name}"} for name, one in bundles.items()
            }
            out_json({"address": address, "pid": os.getpid(), "models": served})
            return
        for name, one in bundles.items():
            fact("serving", f"{name}@{one.digest[:15]} at {address}/v2/models/{name}")
        fact("page", f"{address}/")

    run(bundles, settings, ready)

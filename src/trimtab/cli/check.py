"""`trimtab check`: is the project file right, is the bundle whole, does it still answer as in training."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from trimtab.cli.options import env_option, json_option, project_here, store_at, store_option, trusted_bundle
from trimtab.cli.show import fact, out_json
from trimtab.project import PROJECT_FILE, read_project

__all__ = ["command"]


@click.command("check")
@click.argument("bundle", required=False)
@env_option
@store_option
@json_option
def command(bundle: str | None, env: str, store_folder: Path | None, *, as_json: bool) -> None:
    """Verify a bundle, and replay its golden rows in a clean process.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder; without it, the latest of this folder's trimtab.toml,
    whose faults are named first.
    """
    here = Path.cwd()
    project = read_project(here) if bundle is None and (here / PROJECT_FILE).exists() else project_here()
    found = trusted_bundle(bundle, store_at(store_folder), project, env)
    from trimtab.bundle.check import check_bundle

    said: dict[str, str] = {}

    def tell(topic: str, text: str) -> None:
        said[topic] = text
        if not as_json:
            fact(topic, text)

    checked = check_bundle(found.folder, tell)
    if as_json:
        out_json({"name": checked.name, "digest": checked.digest, "said": said})

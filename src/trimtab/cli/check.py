"""`trimtab check`: is the project file right, is the bundle whole, does it answer as in training; and is it fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.keys import key_options
from trimtab.cli.options import env_option, json_option, project_here, store_at, store_option, trusted_bundle
from trimtab.cli.show import fact, out_json
from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE, read_project

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_FOR_CHECKS = ("live", "url", "journal", "vulnerabilities", "ref", "key")


@click.command("check")
@click.argument("bundle", required=False)
@click.option("--for", "wanted", default="", metavar="ENV", help="Find out what `[env.ENV]` requires.")
@click.option("--only", multiple=True, metavar="KIND", help="Find out this; may be said again.")
@click.option("--all", "every", is_flag=True, help="Find out all that a check can.")
@click.option("--live", default="", metavar="BUNDLE|none", help="What is live, if the record of releases is not here.")
@click.option("--url", default="", metavar="URL", help="The deployed endpoint, for `smoke`.")
@click.option("--journal", type=_FILE, default=None, metavar="DIR", help="Recorded requests, for `replay`.")
@click.option("--vulnerabilities", type=_FILE, default=None, metavar="FILE",
              help="What a scanner found, for `scan`: OSV, CycloneDX or SARIF.")  # fmt: skip
@click.option("--ref", default="", metavar="REF", help="Branch or tag that is released, for `source`.")
@key_options(required=False)
@access_options
@ledger_option
@env_option
@store_option
@json_option
def command(bundle: str | None, env: str, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Verify a bundle, and replay its golden rows in a clean process; or find out whether it is fit for release.

    BUNDLE is a name, `name:alias`, `name@sha256:...` or a folder; without it, the latest of this folder's trimtab.toml,
    whose faults are named first. With --for, --only or --all, what is found is signed and kept beside the bundle, where
    a release reads it. Kinds: golden, source, compatible, scan, sbom, tests, model, baseline, champion, contract, load,
    replay, smoke. Exit status 1: something failed, or something required is not known.
    """
    here = Path.cwd()
    project = read_project(here) if bundle is None and (here / PROJECT_FILE).exists() else project_here()
    store = store_at(store_folder)
    fit = bool(said["wanted"] or said["only"] or said["every"])
    given = [name for name in _FOR_CHECKS if said[name]]
    if given and not fit:
        hint = "`--for ENV`, `--only KIND` or `--all`"
        raise UserError(Problem("P114", f"`--{given[0]}` without a check that it is for", "trimtab check", hint))
    found = trusted_bundle(bundle, store, project, env or said["wanted"])
    if not fit:
        _whole(found, as_json=as_json)
        return
    from trimtab.cli.fitness import fitness

    fitness(found, store, project, said, as_json=as_json)


def _whole(found: Bundle, *, as_json: bool) -> None:
    """Every digest, and the golden rows."""
    from trimtab.bundle.check import check_bundle

    said: dict[str, str] = {}

    def tell(topic: str, text: str) -> None:
        said[topic] = text
        if not as_json:
            fact(topic, text)

    checked = check_bundle(found.folder, tell)
    if as_json:
        out_json({"name": checked.name, "digest": checked.digest, "said": said})
